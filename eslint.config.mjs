// Few rules, all errors: those that find bugs which the compiler does not see. Layout is Prettier's.
import tseslint from 'typescript-eslint';

/** Folders whose code must run anywhere: no `console`, no globals of Node. */
const HOSTLESS = ['src/core/**/*.ts', 'src/protocol/**/*.ts', 'src/app/**/*.ts'];

export default tseslint.config(
  { ignores: ['**/node_modules/', 'dist/', 'out/', '.cache/', '.demo/'] },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mjs', '**/*.cjs'],
    languageOptions: { parser: tseslint.parser },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-empty': 'error',
      'no-control-regex': 'error',
      'no-constant-condition': ['error', { checkLoops: 'none' }],
      'no-dupe-else-if': 'error',
      'no-self-compare': 'error',
      'no-unreachable-loop': 'error',
      'no-unsafe-finally': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-array-delete': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-for-in-array': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  // In a test a value that is missing fails the test, which is what it is for.
  { files: ['test/**/*.ts', 'test/**/*.tsx'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  { files: [...HOSTLESS, 'webview/**/*.{ts,tsx}'], rules: { 'no-console': 'error' } },
  {
    // Text of a model is a stranger's: it only ever becomes a text node.
    files: ['webview/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML'].map((property) => ({
          property,
          message: 'Use textContent.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: 'Use children.' },
      ],
    },
  },
);
