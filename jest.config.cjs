/**
 * Three kinds of test: `unit` needs nothing but Node, `servers` one real mongod and one real Temporal server that are
 * started once for the run, `browser` those and a Chromium.
 */
const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  injectGlobals: false,
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.waybill/'],
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  transform: {
    '^.+\\.[jt]s$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // These are published as ES modules alone and must be transformed like our own code.
  transformIgnorePatterns: ['/node_modules/(?!(p-retry|is-network-error)/)'],
};

const elsewhere = ['/node_modules/', '<rootDir>/dist/', '<rootDir>/\\.waybill/', '<rootDir>/web/'];
const needsServers = ['<rootDir>/test/servers/', '\\.servers\\.test\\.ts$'];
const needsBrowser = ['<rootDir>/test/browser/', '\\.e2e\\.test\\.ts$'];

module.exports = {
  maxWorkers: 2,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: [...elsewhere, ...needsServers, ...needsBrowser],
      testTimeout: 30_000,
    },
    {
      ...shared,
      displayName: 'servers',
      testMatch: ['<rootDir>/test/servers/**/*.test.ts', '<rootDir>/**/*.servers.test.ts'],
      testPathIgnorePatterns: [...elsewhere, ...needsBrowser],
      globalSetup: '<rootDir>/test/setup/start-servers.ts',
      globalTeardown: '<rootDir>/test/setup/stop-servers.ts',
      testTimeout: 60_000,
    },
  ],
};
