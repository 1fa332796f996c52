import js from '@eslint/js';
import globals from 'globals';

/** What is right for code of every place; how it looks is Prettier's. */
const RULES = {
  'array-callback-return': 'error',
  'default-case-last': 'error',
  eqeqeq: 'error',
  'no-constructor-return': 'error',
  'no-duplicate-imports': 'error',
  'no-else-return': 'error',
  'no-eval': 'error',
  'no-extend-native': 'error',
  'no-implied-eval': 'error',
  'no-lonely-if': 'error',
  'no-loop-func': 'error',
  'no-new-wrappers': 'error',
  // Globals of pages whose names are more often those of a variable that was forgotten.
  'no-restricted-globals': ['error', 'event', 'find', 'length', 'name', 'parent', 'print', 'status', 'top'],
  'no-return-assign': 'error',
  'no-self-compare': 'error',
  'no-shadow': 'error',
  'no-template-curly-in-string': 'error',
  'no-throw-literal': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unneeded-ternary': 'error',
  'no-unreachable-loop': 'error',
  'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
  'no-useless-computed-key': 'error',
  'no-useless-concat': 'error',
  'no-useless-rename': 'error',
  'no-useless-return': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'prefer-object-has-own': 'error',
  'prefer-promise-reject-errors': 'error',
  'prefer-template': 'error',
  'symbol-description': 'error',
};

const IN_PAGES_AND_WORKERS = { ...globals.browser, ...globals.serviceworker };

const place = (files, names) => ({ files, languageOptions: { globals: names } });

export default [
  { ignores: ['pkg', 'target', 'www/assets', 'www/dist', 'tests/types'] },
  // A user's file as it was written.
  { ignores: ['tests/e2e/article'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { rules: RULES },
  place(['*.js', 'scripts/**'], globals.nodeBuiltin),
  place(['scripts/suites/web-test-runner.mjs'], globals.browser),
  // webpack.config.js puts the last two in.
  place(['src/**'], { ...IN_PAGES_AND_WORKERS, PACKAGE_VERSION: 'readonly', ENGINE_SHA256: 'readonly' }),
  // Tests have functions that are run in a page, and whose names are their own.
  {
    ...place(['tests/**', 'bench/**'], { ...globals.nodeBuiltin, ...IN_PAGES_AND_WORKERS }),
    rules: { 'no-shadow': 'off' },
  },
  place(['www/*.js', 'www/{page,worker}/**'], IN_PAGES_AND_WORKERS),
  place(['www/art/**'], globals.nodeBuiltin),
];
