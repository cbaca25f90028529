import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawSimulation } from '../scripts/draw-simulation.ts';
import { PICTURES } from '../scripts/pictures.ts';
import { simulate } from '../src/testing/simulate.ts';

const PAGES = 'docs/schedulers';
const IMAGES = `${PAGES}/images`;

describe('the pictures of docs/schedulers', () => {
  test('every page has one, and none is left over', () => {
    const named = (folder: string, end: string): string[] =>
      readdirSync(folder)
        .filter((file) => file.endsWith(end))
        .map((file) => file.slice(0, -end.length))
        .sort();
    expect(named(IMAGES, '.svg')).toEqual(named(PAGES, '.md'));
    expect(Object.keys(PICTURES).sort()).toEqual(named(PAGES, '.md'));
    expect(readdirSync(IMAGES)).toHaveLength(Object.keys(PICTURES).length);
  });

  test.each(Object.entries(PICTURES))('%s is what the simulator draws today (npx tsx scripts/pictures.ts), and small', async (name, picture) => {
    const text = await picture();
    expect(readFileSync(`${IMAGES}/${name}.svg`, 'utf8')).toBe(text);
    expect(text.length).toBeLessThan(60_000);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  test.each(Object.keys(PICTURES))('%s stands on the page of the scheduler, in words too', (name) => {
    expect(readFileSync(`${PAGES}/${name}.md`, 'utf8')).toMatch(new RegExp(`^!\\[.{40,}\\]\\(images/${name}\\.svg\\)$`, 'm'));
  });
});

test('a drawing counts how trials ended, and leaves out what has no place in it', async () => {
  const curve = (config: { x: number }, step: number) => (config.x < 0.3 && step === 2 ? Number.NaN : config.x + step);
  const { journal, summary } = await simulate({ curve, trials: 10, maxT: 4, failures: 0.1, stop: { metric: 'loss', mode: 'min', value: 1.5 } });
  const svg = drawSimulation('ten trials', journal);
  expect([summary.failed, summary.stopped, summary.completed].every((count) => count > 0)).toBe(true);
  expect(svg).toContain(`${summary.failed} failed`);
  expect(svg).toContain(`${summary.stopped} stopped early`);
  expect(svg).toContain(`${summary.completed} trained to the end`);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});
