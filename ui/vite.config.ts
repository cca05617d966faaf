import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // Relative, so that the same build opens from the app's own protocol and from a hub's root.
  base: './',
  resolve: {
    alias: {
      $lib: here('./src/lib'),
      $words: here('../schema/words'),
      $schema: here('../schema'),
      // Only `vite --mode synthetic` swaps the core for the synthetic one of the tests; no build for use ever does.
      ...(mode === 'synthetic' ? { './connect': here('./tests/connect-synthetic.ts') } : {}),
    },
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  server: { port: 5173, strictPort: true, fs: { allow: [here('.'), here('../schema')] } },
  // MapLibre is large, comes with the app and is read from the device only when a map is opened.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1_200 },
  test: {
    environment: 'jsdom',
    // A busy machine is no failure.
    testTimeout: 30_000,
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    setupFiles: ['./tests/setup.ts'],
  },
}));
