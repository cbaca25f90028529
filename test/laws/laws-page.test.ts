import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lawsPage } from '../../scripts/laws-page.ts';

test('docs/laws.md is what `npm run docs:laws` writes', () => {
  expect(readFileSync('docs/laws.md', 'utf8')).toBe(lawsPage());
});
