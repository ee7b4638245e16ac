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
  // Transformed like our own code: what is published as ES modules alone, and the file in which the database driver
  // uses `import()`, which Jest's module system lacks.
  transformIgnorePatterns: [
    '/node_modules/(?!(.*/)?(p-retry|is-network-error)/|(.*/)?mongodb/lib/runtime_adapters\\.js$)',
  ],
};

const elsewhere = ['/node_modules/', '<rootDir>/dist/', '<rootDir>/\\.waybill/', '<rootDir>/web/'];
const needsServers = ['<rootDir>/test/servers/', '\\.servers\\.test\\.ts$'];
const needsBrowser = ['<rootDir>/test/browser/'];
const withServers = {
  globalSetup: '<rootDir>/test/setup/start-servers.ts',
  globalTeardown: '<rootDir>/test/setup/stop-servers.ts',
};

module.exports = {
  maxWorkers: 2,
  // Real servers on a busy machine take their time; Jest knows no time-out for one project.
  testTimeout: 240_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: [...elsewhere, ...needsServers, ...needsBrowser],
    },
    {
      ...shared,
      ...withServers,
      displayName: 'servers',
      testMatch: ['<rootDir>/test/servers/**/*.test.ts', '<rootDir>/**/*.servers.test.ts'],
      testPathIgnorePatterns: [...elsewhere, ...needsBrowser],
    },
    {
      ...shared,
      ...withServers,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.test.ts'],
      testPathIgnorePatterns: elsewhere,
    },
  ],
};
