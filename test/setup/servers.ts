/** The names under which the set-up hands its servers to the test processes, which inherit its environment. */
export const serverVariables = {
  mongodbUri: 'WAYBILL_TEST_MONGODB_URI',
  temporalAddress: 'WAYBILL_TEST_TEMPORAL_ADDRESS',
  temporalUiUrl: 'WAYBILL_TEST_TEMPORAL_UI_URL',
  workflowBundlePath: 'WAYBILL_TEST_WORKFLOW_BUNDLE',
} as const;

/** The real servers of this test run, shared by all of its files: use your own database and task queue. */
export interface TestServers {
  /** Connection string of the replica set with `databaseName` as its database; give each test file its own. */
  mongodbUri(databaseName: string): string;
  /** `host:port` of the Temporal server; its `default` namespace has the search attributes. */
  temporalAddress: string;
  /** Where Temporal's web pages are, without a trailing slash. */
  temporalUiUrl: string;
  /** Absolute path for a worker's `workflowBundle: { codePath }`. */
  workflowBundlePath: string;
}

/** The servers that the set-up of the `servers` and `browser` projects started; throws in a test that belongs to another project. */
export function servers(): TestServers {
  return {
    mongodbUri(databaseName) {
      const uri = new URL(read(serverVariables.mongodbUri));
      uri.pathname = `/${databaseName}`;
      return uri.href;
    },
    get temporalAddress() {
      return read(serverVariables.temporalAddress);
    },
    get temporalUiUrl() {
      return read(serverVariables.temporalUiUrl);
    },
    get workflowBundlePath() {
      return read(serverVariables.workflowBundlePath);
    },
  };
}

function read(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(
      `${name} is not set: name the file *.servers.test.ts or put it under test/servers/ or test/browser/`,
    );
  }
  return value;
}
