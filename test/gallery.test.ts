import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawGallery } from '../scripts/gallery.ts';
import * as analysis from '../src/analysis/index.ts';
import { faultsOf, readPicture } from './analysis/plots/picture.ts';

const page = readFileSync('docs/gallery.md', 'utf8');
const shown = [...page.matchAll(/\]\(gallery\/([\w-]+)\.svg\)/g)].map(([, name = '']) => name);

let pictures: Readonly<Record<string, string>>;
beforeAll(async () => {
  pictures = await drawGallery();
});

describe('docs/gallery.md', () => {
  test('shows every plot, and every picture stands below its code', () => {
    const plots = Object.keys(analysis).filter((name) => /^plot[A-Z]/.test(name));
    expect(plots.filter((name) => !page.includes(`${name}(`))).toEqual([]);
    expect(Object.keys(pictures)).toEqual(shown);
    expect(readdirSync('docs/gallery').sort()).toEqual(shown.map((name) => `${name}.svg`).sort());
  });

  test.each(shown)('%s is what its code draws today (npx tsx scripts/pictures.ts), small, and nothing lies on anything', (name) => {
    const text = pictures[name] ?? '';
    expect(readFileSync(`docs/gallery/${name}.svg`, 'utf8')).toBe(text);
    expect(text.length).toBeLessThan(100_000);
    expect(faultsOf(readPicture(text))).toEqual([]);
  });
});
