import { defineConfig } from 'vitest/config';

/** What only computes: as many files at a time as there are cores, and nothing else meanwhile. */
const TOGETHER = { maxWorkers: '100%', sequence: { groupOrder: 0 } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/laws/**'],
          setupFiles: ['test/fail-on-warnings.ts', 'test/replay-gives-the-same.ts'],
          ...TOGETHER,
          testTimeout: 60_000, // a busy machine must not decide a test
          hookTimeout: 60_000,
        },
      },
      {
        // Laws, each in many simulated worlds. A replay of each of them would be one of the laws once more, at several times the cost.
        test: {
          name: 'laws',
          include: ['test/laws/**/*.test.ts'],
          setupFiles: ['test/fail-on-warnings.ts'],
          ...TOGETHER,
          testTimeout: 300_000,
        },
      },
      {
        // On the built package: these start workers and processes, so they import `attune` by name, and no more than two files run at a time.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: ['test/fail-on-warnings.ts', 'test/replay-journals.ts'],
          pool: 'forks',
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
          server: { deps: { external: [/\/dist\//] } },
        },
      },
    ],
  },
});
