/** Something that was started for the run: how to stop it in order, and its process for when there is no time. */
export interface Running {
  pid?: number;
  stop(): Promise<void>;
}

class RunningServers {
  private readonly started: Running[] = [];

  /** Remembers `server` to be stopped before those that were added earlier. */
  add(server: Running): void {
    this.started.push(server);
  }

  /** Stops everything, last started first; each is stopped even when another one refuses, which is thrown at the end. */
  async stopAll(): Promise<void> {
    const refusals: unknown[] = [];
    for (let server = this.started.pop(); server; server = this.started.pop()) {
      await server.stop().catch((refusal: unknown) => refusals.push(refusal));
    }
    if (refusals.length > 0) throw new AggregateError(refusals, 'a test server did not stop');
  }

  /** Kills the processes at once: for an interrupted run, which Jest ends without its teardown. */
  killAll(): void {
    for (const { pid } of this.started.splice(0)) {
      if (pid === undefined) continue;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was gone already.
      }
    }
  }
}

declare global {
  var waybillTestServers: RunningServers | undefined;
}

/** One list for set-up and teardown: Jest loads the two apart from one another, so it lives on the global object. */
export const runningServers: RunningServers = (globalThis.waybillTestServers ??= new RunningServers());
