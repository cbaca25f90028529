import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AttuneError, ERROR_CODES } from '../src/base/errors.ts';

const pages = [...readdirSync('.'), ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file))]
  .filter((file) => file.endsWith('.md'))
  .sort();

const withoutCode = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const headingsOf = (file: string): string[] =>
  [
    ...readFileSync(file, 'utf8')
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading = '']) => heading);

test('there is a README', () => {
  expect(pages).toContain('README.md');
});

test('every relative link leads to a file, and to a heading of it', () => {
  const broken = pages.flatMap((page) =>
    [...withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(file)) return true;
        return anchor !== undefined && file.endsWith('.md') && !headingsOf(file).map(anchorOf).includes(anchor);
      })
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('the hints of errors name pages that exist', () => {
  const named = ERROR_CODES.flatMap((code) => [...new AttuneError(code, '').hint.matchAll(/docs\/[\w/-]+\.md/g)].map(([file]) => file));
  expect([...new Set(named)].filter((file) => !existsSync(file))).toEqual([]);
});

describe('docs/errors.md', () => {
  const text = readFileSync('docs/errors.md', 'utf8');
  const sections = headingsOf('docs/errors.md').filter((heading) => /^[A-Z_]+$/.test(heading));

  test('has one section for each code, and none for a code that is gone', () => {
    expect([...sections].sort()).toEqual([...ERROR_CODES].sort());
  });

  test('each section shows a message that ends with its code', () => {
    const without = ERROR_CODES.filter((code) => {
      const section = text.split(/^## /m).find((part) => part.startsWith(`${code}\n`)) ?? '';
      return !section.includes(`[${code}]\n\`\`\``);
    });
    expect(without).toEqual([]);
  });
});
