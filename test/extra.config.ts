import { defineConfig } from 'vitest/config';

// Tests that need programs beyond Node: run by .ci/run after tools/install-peers.
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts', 'test/browser/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    root: new URL('..', import.meta.url).pathname,
  },
});
