/** What the compiler cannot refuse: the house rules of code, each with a message that says what to do instead. */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const bannedSyntax = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: a default export has as many names as importers.' },
  {
    selector: 'TSEnumDeclaration',
    message: 'Use a union of string literals (or a zod enum): it needs no code and serialises as it is.',
  },
];
const bannedEnvironment = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Only platform/config reads the environment; take the setting as an argument.',
  },
  {
    selector: "ImportDeclaration[source.value=/^(node:)?process$/] ImportSpecifier[imported.name='env']",
    message: 'Only platform/config reads the environment; take the setting as an argument.',
  },
];
const bannedInDomain = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Time enters as data: take the instant as an argument.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time enters as data: take the instant as an argument.',
  },
  { selector: "CallExpression[callee.name='Date']", message: 'Time enters as data: take the instant as an argument.' },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'No randomness in domain/: take a seeded source as an argument.',
  },
  {
    selector: 'MemberExpression[property.name=/^(get|set)(Hours|Minutes|Date|Day|Month|FullYear|TimezoneOffset)$/]',
    message: "This depends on the process's time zone: use the UTC method or a calendar with a named zone.",
  },
  {
    selector: 'MemberExpression[property.name=/^(randomUUID|randomBytes|randomInt|getRandomValues)$/]',
    message: 'No randomness in domain/: take the id as an argument.',
  },
];
const bannedDomainGlobals = [
  'performance',
  'crypto',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'process',
].map((name) => ({ name, message: 'domain/ is pure: no clock, no randomness, no I/O.' }));

const vagueNames = /(^|-)(utils?|helpers?|managers?|common)(-|\.|$)/;
const kebabCase = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;

/** Our own rules: a file's name, and a docstring on each export. */
const house = {
  rules: {
    'file-name': {
      meta: { type: 'problem', schema: [] },
      create: (context) => ({
        Program(node) {
          const name = basename(context.filename);
          if (!kebabCase.test(name)) context.report({ node, message: `Name the file in kebab-case: ${name}` });
          if (vagueNames.test(name))
            context.report({ node, message: `Name the file after the one thing in it, not ${name}` });
        },
      }),
    },
    docstring: {
      meta: { type: 'problem', schema: [] },
      create(context) {
        const documented = new Set();
        const namesOf = (declaration) =>
          declaration.type === 'VariableDeclaration'
            ? declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
            : [declaration.id?.name];
        // The schema of an inferred type says what it holds.
        const isInferred = ({ type, typeAnnotation }) =>
          type === 'TSTypeAliasDeclaration' &&
          /\bz\.(infer|input|output)</.test(context.sourceCode.getText(typeAnnotation));
        return {
          ExportNamedDeclaration(node) {
            if (!node.declaration || isInferred(node.declaration)) return;
            const names = namesOf(node.declaration);
            const comment = context.sourceCode.getCommentsBefore(node).at(-1);
            const isDocstring = comment?.type === 'Block' && comment.value.startsWith('*');
            // A schema and its type share a name, overloads of a function too: one docstring speaks for both.
            if (!isDocstring && !names.every((name) => documented.has(name))) {
              context.report({
                node,
                message: `Say in a sentence or two what ${names.join(', ')} promises, in which units, and what it refuses.`,
              });
            }
            for (const name of names) documented.add(name);
          },
        };
      },
    },
  },
};

const nodeGlobals = Object.fromEntries(
  [
    'process',
    'console',
    'Buffer',
    'URL',
    'URLSearchParams',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'fetch',
    'AbortController',
    'AbortSignal',
    'performance',
    'structuredClone',
    'TextEncoder',
    'TextDecoder',
  ].map((name) => [name, 'readonly']),
);

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.waybill/', 'web/', '**/fixtures/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' }, plugins: { house } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: fileURLToPath(new URL('.', import.meta.url)) },
    },
    rules: {
      'no-restricted-syntax': ['error', ...bannedSyntax, ...bannedEnvironment],
      'no-console': 'error',
      'no-undef': 'off',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'house/file-name': 'error',
      'house/docstring': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // An async function without await keeps its contract: it rejects where a plain one would throw.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // There are no enums here, and asking costs a fifth of the run.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // Factories return records of plain functions: there is no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      // Drivers take plain objects where their types name a class.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: ['domain/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...bannedSyntax, ...bannedEnvironment, ...bannedInDomain],
      'no-restricted-globals': ['error', ...bannedDomainGlobals],
    },
  },
  {
    // A uuid taken in a run changes when the run is reset: ids come from facts (cause ids).
    files: ['workflows/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@temporalio/workflow',
              importNames: ['uuid4'],
              message: 'Ids come from facts, never from a random value taken in a workflow.',
            },
            { name: 'ulid', message: 'Ids come from facts, never from a random value taken in a workflow.' },
          ],
        },
      ],
    },
  },
  {
    files: ['platform/config.ts', 'platform/config/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...bannedSyntax] },
  },
  {
    // Jest demands a default export of its set-up files.
    files: ['test/setup/start-servers.ts', 'test/setup/stop-servers.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'no-console': 'off',
      'house/docstring': 'off',
      'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // What speaks to a person in a terminal.
    files: ['scripts/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { ...nodeGlobals, module: 'readonly', require: 'readonly', __dirname: 'readonly' } },
    rules: { 'house/file-name': 'error', eqeqeq: 'error' },
  },
);
