import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawSimulation } from '../scripts/draw-simulation.ts';
import { PICTURES, pictureOf } from '../scripts/pictures.ts';
import { simulate } from '../src/testing/simulate.ts';

const IMAGES = 'docs/schedulers/images';

describe('the pictures of docs/schedulers', () => {
  test.each(Object.keys(PICTURES))('%s is what the simulator draws today: npx tsx scripts/pictures.ts', async (name) => {
    expect(readFileSync(`${IMAGES}/${name}.svg`, 'utf8')).toBe(await pictureOf(name));
  });

  test.each(Object.keys(PICTURES))('%s stands on the page of the scheduler', (name) => {
    expect(existsSync(`docs/schedulers/${name}.md`)).toBe(true);
    expect(readFileSync(`docs/schedulers/${name}.md`, 'utf8')).toMatch(new RegExp(`!\\[.+\\]\\(images/${name}\\.svg\\)`));
  });

  test('no picture is left over, and each is small', () => {
    expect(readdirSync(IMAGES).sort()).toEqual(
      Object.keys(PICTURES)
        .map((name) => `${name}.svg`)
        .sort(),
    );
    for (const file of readdirSync(IMAGES)) expect(readFileSync(`${IMAGES}/${file}`).length).toBeLessThan(60_000);
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
