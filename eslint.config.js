import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const SHIPPED = ['src/**/*.ts', 'algorithms/**/*.ts', 'schedulers/**/*.ts'];

/** Hidden inputs: a draw that has no seed, a time that nobody handed over, a setting that is not an option. */
const RANDOM = { object: 'Math', property: 'random', message: 'Draw from the Rng that you were handed (src/base/rng.ts).' };
const CLOCKS = [
  { object: 'Date', property: 'now', message: 'Take the time as data, or from a Clock (src/base/clock.ts).' },
  { object: 'performance', property: 'now', message: 'Take the time as data, or from a Clock (src/base/clock.ts).' },
  { object: 'process', property: 'env', message: 'Make it an option.' },
  { object: 'process', property: 'hrtime', message: 'Take the time as data, or from a Clock (src/base/clock.ts).' },
];
const NEW_DATE = { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Take the time as data, or from a Clock (src/base/clock.ts).' };
const EXPORTS = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'ExportAllDeclaration', message: 'List what is exported by name.' },
];

/** A path that is glued to `file://` is wrong with a space, a `#` or a drive letter in it, and so is the pathname of a URL as a path. */
const TO_URL = 'A path becomes a URL only through pathToFileURL (node:url).';
const TO_PATH = 'A file URL becomes a path only through fileURLToPath (node:url).';
const FILE_URLS = [
  { selector: 'NewExpression[callee.name="URL"] > :matches(Literal[value=/^file:/i], TemplateLiteral[quasis.0.value.raw=/^file:/i])', message: TO_URL },
  { selector: 'TemplateLiteral[expressions.length>0][quasis.0.value.raw=/^file:/i]', message: TO_URL },
  { selector: 'BinaryExpression[operator="+"] > :matches(Literal[value=/^file:/i], TemplateLiteral[quasis.0.value.raw=/^file:/i])', message: TO_URL },
  { selector: 'MemberExpression[property.name="concat"] > Literal[value=/^file:/i]', message: TO_URL },
  { selector: 'ImportExpression > CallExpression[callee.name=/^(join|resolve)$/]', message: TO_URL },
  { selector: 'ImportExpression > CallExpression[callee.property.name=/^(join|resolve)$/][callee.object.name="path"]', message: TO_URL },
  { selector: 'MemberExpression:matches([property.name="pathname"], [property.value="pathname"])', message: TO_PATH },
  { selector: 'ObjectPattern > Property[key.name="pathname"]', message: TO_PATH },
  { selector: 'CallExpression[callee.property.name=/^(replace|replaceAll|split)$/] > Literal[value=/^file:/i]', message: TO_PATH },
  { selector: 'CallExpression[callee.property.name=/^(replace|replaceAll|split)$/] > Literal[regex.pattern=/^.?file:/i]', message: TO_PATH },
  { selector: 'MemberExpression[property.name="length"] > Literal[value=/^file:/i]', message: TO_PATH },
];

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', 'attune_results/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: 'test' }] }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unused-expressions': 'error',
      'no-unreachable': 'error',
      'no-useless-assignment': 'error',
      'no-restricted-syntax': ['error', ...EXPORTS, ...FILE_URLS],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: SHIPPED,
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': ['error', RANDOM, ...CLOCKS],
      'no-restricted-syntax': ['error', ...EXPORTS, ...FILE_URLS, NEW_DATE],
    },
  },
  {
    // The rooms that may look at the clock and at the environment; nobody draws from Math.random.
    files: [
      'src/base/clock.ts',
      'src/tuner/**/*.ts',
      'src/execute/**/*.ts',
      'src/cli/**/*.ts',
      'src/watch/terminal.ts',
      'src/tfjs/build/**/*.ts',
      'src/tfjs/backends/native.ts',
    ],
    rules: { 'no-restricted-properties': ['error', RANDOM], 'no-restricted-syntax': ['error', ...EXPORTS, ...FILE_URLS] },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } }, // tests of types name what must not compile
  { files: ['*.config.ts'], rules: { 'no-restricted-syntax': ['error', ...FILE_URLS] } },
  { files: ['**/*.{js,mjs,cjs}'], rules: { 'no-restricted-syntax': ['error', ...FILE_URLS] } },
);
