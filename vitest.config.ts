import { defineConfig } from 'vitest/config';

const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Long enough for the longest test on a busy machine; a test that hangs is still found.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
    // Modules keep no state that a test could meet again; loading them anew for every file costs a
    // fifth of the time.
    isolate: false,
  },
});

export default config;
