/**
 * The house's rooms and who may import whom: docs say why, this file decides, and
 * test/architecture/dependency-rules.test.ts shows each rule firing on a planted violation.
 *
 * Paths are matched from the project's root. Tests beside the code are left to themselves: they may borrow from
 * other rooms what the code under test may not.
 */
const test = '\\.test\\.ts$';
const schema = '(/|-)schema\\.ts$';
const domainSchema = '^domain/.*schema\\.ts$';
const domainIdentity = ['^domain/identity\\.ts$', '^domain/.+/identity\\.ts$'];
const rooms = '^(domain|workflows|activities|connectors|store|api|web|platform)/|^worker\\.ts$';
const library = (...names) => `(^|/)node_modules/(${names.join('|')})/`;
const own = { dependencyTypesNot: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] };
const valueOnly = { dependencyTypesNot: ['type-only'] };

/** Values of these may stand beside zod in domain/: arithmetic, money, calendars and lists of codes, all without I/O. */
const domainLibraries = [
  'zod',
  'dinero\\.js',
  'luxon',
  'i18n-iso-countries',
  'postcode-validator',
  'libphonenumber-js',
  '@types/[^/]+',
];

/** A room's files may import its own room and `allowed` (patterns) of the project; libraries are another rule's matter. */
function roomImportsOnly(room, allowed, comment) {
  return {
    name: `${room}-imports-only`,
    comment,
    severity: 'error',
    from: { path: `^${room}/`, pathNot: test },
    to: { ...own, pathNot: [`^${room}/`, ...allowed] },
  };
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or want a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-library',
      comment: 'A library that package.json does not name is there by luck.',
      severity: 'error',
      from: { path: rooms },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-library-in-the-product',
      comment: 'devDependencies are not installed where the hub runs; types vanish and may come from there.',
      severity: 'error',
      from: { path: rooms, pathNot: [test, '^web/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: library('@types/[^/]+') },
    },
    {
      name: 'product-without-tests-and-tools',
      comment: 'What runs for a merchant imports no test, measurement, script or deployment file.',
      severity: 'error',
      from: { path: rooms, pathNot: test },
      to: { path: ['^(test|bench|deploy|docs|scripts)/', test] },
    },

    roomImportsOnly('domain', [], 'What is true of an order does not depend on what runs it.'),
    {
      name: 'domain-libraries',
      comment: 'domain/ knows zod, maths and money libraries: no I/O, no clock, no randomness can come in.',
      severity: 'error',
      from: { path: '^domain/', pathNot: test },
      to: { dependencyTypes: ['npm', 'npm-optional', 'npm-peer'], pathNot: library(...domainLibraries) },
    },
    {
      name: 'domain-without-node',
      comment: 'No Node built-in in domain/, except the hash by which identity.ts derives ids.',
      severity: 'error',
      from: { path: '^domain/', pathNot: [test, ...domainIdentity] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'domain-identity-only-hashes',
      comment: 'identity.ts derives ids: of Node it may import crypto alone.',
      severity: 'error',
      from: { path: domainIdentity },
      to: { dependencyTypes: ['core'], pathNot: ['^crypto$', '^node:crypto$'] },
    },
    {
      name: 'domain-rules-take-schemas-as-types',
      comment: 'A rule that imports a schema as a value brings zod into the workflow bundle: four times the memory.',
      severity: 'error',
      from: { path: '^domain/', pathNot: [test, schema] },
      to: { ...valueOnly, path: [domainSchema, library('zod')] },
    },

    roomImportsOnly(
      'workflows',
      ['^domain/', '^activities/'],
      'A workflow knows the rules and the names of its activities.',
    ),
    {
      name: 'workflows-take-schemas-and-activities-as-types',
      comment: 'Schemas hold zod and activities hold the world: neither belongs into the workflow sandbox.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: test },
      to: { ...valueOnly, path: [domainSchema, '^activities/'] },
    },
    {
      name: 'workflows-libraries',
      comment: 'Of libraries a workflow runs the Temporal workflow SDK alone; its sandbox has nothing else.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: test },
      to: {
        dependencyTypes: ['npm', 'npm-optional', 'npm-peer'],
        ...valueOnly,
        pathNot: library('@temporalio/(workflow|common)'),
      },
    },
    {
      name: 'workflows-take-ids-as-given',
      comment: 'Ids are derived with a hash of Node, which the sandbox lacks.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: test },
      to: { ...valueOnly, path: domainIdentity },
    },
    {
      name: 'workflows-without-node-built-ins',
      comment: 'The sandbox has no Node built-ins.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },

    roomImportsOnly(
      'activities',
      ['^domain/', '^store/', '^platform/', '^connectors/kit/', '^connectors/registry\\.ts$'],
      'Activities reach partners through the registry and the kit, and data through the store.',
    ),

    roomImportsOnly('connectors', ['^domain/', '^platform/'], 'A connector speaks to its partner and to nobody here.'),
    {
      name: 'connector-imports-kit-and-own-folder',
      comment: 'A connector can be removed or kept elsewhere: it knows the kit, the domain and its own folder.',
      severity: 'error',
      from: { path: '^connectors/(?!kit/)([^/]+)/', pathNot: test },
      to: { ...own, path: '^connectors/', pathNot: ['^connectors/kit/', '^connectors/$1/'] },
    },
    {
      name: 'connector-libraries',
      comment: 'A connector knows neither the database nor the workflow engine.',
      severity: 'error',
      from: { path: '^connectors/', pathNot: test },
      to: { path: library('mongoose', 'mongodb', '@temporalio/[^/]+') },
    },
    {
      name: 'http-in-the-kit-only',
      comment: "The kit's HTTP has the time-out, the limiter and the SSRF guard; a client of one's own has none.",
      severity: 'error',
      from: { path: '^connectors/(?!kit/)', pathNot: test },
      to: { ...valueOnly, path: library('axios') },
    },
    {
      name: 'kit-knows-no-connector',
      comment: 'The kit is what connectors stand on; it finds them through the lazy registry, by id.',
      severity: 'error',
      from: { path: '^connectors/kit/', pathNot: test },
      to: { ...own, path: '^connectors/', pathNot: ['^connectors/kit/', '^connectors/(registry|manifests)\\.ts$'] },
    },
    {
      name: 'manifest-is-cheap',
      comment: 'Manifests are read at every start: they bring no implementation with them.',
      severity: 'error',
      from: { path: '^connectors/([^/]+/manifest|manifests)\\.ts$' },
      to: { ...own, pathNot: ['^connectors/kit/', '^connectors/[^/]+/(manifest|config)\\.ts$', '^domain/'] },
    },
    {
      name: 'registry-is-lazy',
      comment: 'A connector loads when it is first used, by a call inside a function.',
      severity: 'error',
      from: { path: '^connectors/registry\\.ts$' },
      to: {
        path: '^connectors/(?!kit/)[^/]+/',
        pathNot: '/manifest\\.ts$',
        dependencyTypesNot: ['type-only', 'dynamic-import', 'require'],
      },
    },

    roomImportsOnly('store', ['^domain/', '^platform/'], 'The store keeps what the domain describes.'),
    {
      name: 'mongoose-in-the-store-only',
      comment: 'The database is spoken to in store/ (and by the start of mongod).',
      severity: 'error',
      from: { path: '^(domain|workflows|activities|api)/|^worker\\.ts$', pathNot: test },
      to: { path: library('mongoose', 'mongodb') },
    },

    roomImportsOnly(
      'api',
      [
        '^domain/',
        '^store/',
        '^platform/',
        '^workflows/messages\\.ts$',
        '^connectors/manifests\\.ts$',
        '^connectors/(?!kit/)[^/]+/(manifest|webhook)\\.ts$',
      ],
      "The API reads the store, knows the workflows' messages, and of connectors the manifests and webhook entries.",
    ),

    roomImportsOnly('web', [], 'The console talks to the API through its generated client.'),
    roomImportsOnly('platform', [], 'platform/ holds no word of the domain.'),
    {
      name: 'platform-importable-by-few',
      comment:
        'Only the rooms that touch the machine may import platform/; domain, workflows, web and connectors do not.',
      severity: 'error',
      from: {
        path: rooms,
        pathNot: [
          test,
          '^(platform|api|activities|store|connectors/kit)/',
          '^worker\\.ts$',
          '^connectors/sandbox-host\\.ts$',
        ],
      },
      to: { path: '^platform/' },
    },
    {
      name: 'rooms-do-not-import-entries',
      comment: 'Entry files build the object graph; nothing is built from them.',
      severity: 'error',
      from: {},
      to: { path: '^(worker|api/main|connectors/sandbox-host)\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|\\.waybill)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
