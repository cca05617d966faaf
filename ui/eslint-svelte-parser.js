// The import rules parse components by themselves and need to be told that their scripts are TypeScript.
import * as svelte from 'svelte-eslint-parser';
import ts from 'typescript-eslint';

export const meta = { name: 'kend-svelte-typescript' };

export function parseForESLint(code, options) {
  return svelte.parseForESLint(code, { ...options, parser: ts.parser });
}
