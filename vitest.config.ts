import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'ui/src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts'],
    // Interoperation and browser tests need programs from Debian; .ci/run runs them by name.
    exclude: ['**/node_modules/**', 'dist/**', 'test/interop/**', 'test/browser/**'],
    setupFiles: ['test/setup.ts'],
    pool: 'threads',
    maxWorkers: 2,
    // Generous: a busy machine of two cores is no failure.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
