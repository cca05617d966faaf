import { fileURLToPath } from 'node:url';

import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

const SVELTE_PARSER = fileURLToPath(new URL('./eslint-svelte-parser.js', import.meta.url));

const REACHES_THE_CORE = [
  { group: ['@tauri-apps/*'], message: 'Only src/lib/api/ speaks to the window.' },
  { group: ['**/api/bridge', '**/api/transport'], message: 'Import from $lib/api.' },
];

export default ts.config(
  { ignores: ['dist/', 'node_modules/', '*.config.js', 'eslint-svelte-parser.js', 'src/lib/api/bridge.ts'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json', noWarnOnMultipleProjects: true })],
      'import-x/extensions': ['.ts', '.svelte'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'], [SVELTE_PARSER]: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'import-x/no-cycle': 'error',
      'no-restricted-imports': ['error', { patterns: REACHES_THE_CORE }],
      'no-restricted-syntax': ['error', { selector: "SvelteMustacheTag[kind='raw']", message: 'No raw HTML.' }],
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  { files: ['src/lib/api/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['tests/**', '**/*.test.ts'],
    languageOptions: { globals: { ...globals.node } },
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
