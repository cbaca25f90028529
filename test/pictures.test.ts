import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { regionsBelow } from '../scripts/contours.ts';
import { drawRepeats, drawSamples } from '../scripts/draw-samples.ts';
import { drawSimulation } from '../scripts/draw-simulation.ts';
import { PICTURES_OF } from '../scripts/pictures.ts';
import { uniform } from '../src/space/domains.ts';
import { simulate } from '../src/testing/simulate.ts';

describe.each(Object.entries(PICTURES_OF))('the pictures of docs/%s', (folder, pictures) => {
  const pages = `docs/${folder}`;
  const images = `${pages}/images`;

  test('every page has one, and none is left over', () => {
    const named = (where: string, end: string): string[] =>
      readdirSync(where)
        .filter((file) => file.endsWith(end))
        .map((file) => file.slice(0, -end.length))
        .sort();
    expect(named(images, '.svg')).toEqual(named(pages, '.md'));
    expect(Object.keys(pictures).sort()).toEqual(named(pages, '.md'));
    expect(readdirSync(images)).toHaveLength(Object.keys(pictures).length);
  });

  test.each(Object.entries(pictures))('%s is what the simulator draws today (npx tsx scripts/pictures.ts), and small', async (name, picture) => {
    const text = await picture();
    expect(readFileSync(`${images}/${name}.svg`, 'utf8')).toBe(text);
    expect(text.length).toBeLessThan(60_000);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  test.each(Object.keys(pictures))('%s stands on its page, in words too', (name) => {
    expect(readFileSync(`${pages}/${name}.md`, 'utf8')).toMatch(new RegExp(`^!\\[.{40,}\\]\\(images/${name}\\.svg\\)$`, 'm'));
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

describe('a drawing of samples', () => {
  const square = { x: uniform(0, 1), y: uniform(0, 1) };
  const journalOf = async (points: readonly { readonly x: number; readonly y: number }[]) =>
    (await simulate({ space: square, curve: ({ x, y }) => x + y, maxT: 1, trials: points.length, pointsToEvaluate: points })).journal;

  test('has a point for each trial, and says which was the best', async () => {
    const svg = drawSamples('three trials', await journalOf([0.5, 0.25, 1].map((x) => ({ x, y: x }))));
    expect(svg).toContain('three trials: 3 trials, the lowest loss 0.5');
    expect(svg.match(/stroke="#fff"/g)).toHaveLength(3);
  });

  test('of repeats counts what is there more than once', async () => {
    const [once, twice] = [await journalOf([{ x: 0, y: 1 }]), await journalOf([1, 1, 0].map((x) => ({ x, y: x })))];
    expect(
      drawRepeats(1, [
        ['one', once],
        ['two', twice],
      ]),
    ).toContain('one: 1 different ones of 1; two: 2 different ones of 3');
  });
});

test('regions below a level are closed lines around what lies below, along the edges too', () => {
  const values = [9, 9, 9, 9, 9, 1, 9, 9, 9, 9, 9, 1]; // below in the middle, and in a corner
  const points = regionsBelow({ columns: 4, rows: 3, values }, 5).map((line) => line.map(([x, y]) => `${x * 3} ${y * 2}`));
  expect(points).toEqual([
    ['0.5 1', '1 0.5', '1.5 1', '1 1.5'],
    ['2.5 2', '3 1.5', '3 2'],
  ]);
});
