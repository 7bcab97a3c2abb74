import { defineConfig } from 'vitest/config';

const conditions = ['errand-source', 'module', 'node'];

// Apart from the others, since it needs a Chromium: see scripts/test-browser.mjs.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'browser',
    include: ['e2e/browser/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: './packages/db/src/testing/global-setup.ts',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
