// Four kinds of tests, one kind after the other, always two files side by side: fast ones, pages, the real editor. Last, alone on
// the machine, what measures times.
import { configDefaults, defineConfig } from 'vitest/config';

const PAGES = 'test/webview/**/*.test.{ts,tsx}';
const EDITOR = 'test/vscode/**/*.test.ts';
const FIGURES = 'test/vscode/figures.test.ts';

const inEditor = { testTimeout: 90_000, hookTimeout: 180_000, expect: { poll: { timeout: 15_000 } } };

export default defineConfig({
  test: {
    // Two cores are what a small CI machine has.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, PAGES, EDITOR],
          testTimeout: 20_000,
          expect: { poll: { timeout: 10_000 } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'pages',
          include: [PAGES],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'editor',
          include: [EDITOR],
          exclude: [...configDefaults.exclude, FIGURES],
          ...inEditor,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: { name: 'figures', include: [FIGURES], ...inEditor, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
