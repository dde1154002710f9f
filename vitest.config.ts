import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'ui/src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts'],
    // Interoperation and browser tests need programs from Debian; .ci/run runs them by name.
    exclude: ['**/node_modules/**', 'dist/**', 'test/interop/**', 'test/browser/**'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 20_000,
    reporters: ['default'],
  },
});
