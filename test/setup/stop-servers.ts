import { runningServers } from './running-servers';

/** Stops what the set-up started, in reverse order, and removes its data. */
export default async function stopServers(): Promise<void> {
  await runningServers.stopAll();
}
