/** Draws the pictures of docs/schedulers: `npx tsx scripts/pictures.ts`. A scheduler of its own is one more line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asha } from '../schedulers/asha.ts';
import { fifo } from '../schedulers/fifo.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';
import { powerLaws } from '../src/testing/curves/power-laws.ts';
import { simulate } from '../src/testing/simulate.ts';
import { drawSimulation } from './draw-simulation.ts';

/** By the name of the file: a title, a scheduler, and what of the simulation differs from `WORLD`. */
export const PICTURES: Readonly<
  Record<string, readonly [title: string, scheduler: () => Scheduler, more?: { readonly trials?: number; readonly workers?: number }]>
> = {
  fifo: ['fifo(): 12 trials, each to its end', fifo, { trials: 12 }],
  asha: ['asha({ maxT: 81, reductionFactor: 3 }): 60 trials', () => asha({ maxT: 81, reductionFactor: 3 })],
};

const WORLD = { ...powerLaws({ maxT: 81 }), trials: 60, workers: 8, seed: 1 } as const;

/** The text of a picture. */
export async function pictureOf(name: string): Promise<string> {
  const [title, scheduler, more] = PICTURES[name] ?? [];
  if (title === undefined || scheduler === undefined) throw new Error(`pictures: expected one of ${Object.keys(PICTURES).join(', ')}, got ${name}.`);
  const { journal } = await simulate({ ...WORLD, ...more, scheduler: scheduler() });
  return drawSimulation(title, journal);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL('../docs/schedulers/images/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(PICTURES)) writeFileSync(new URL(`${name}.svg`, folder), await pictureOf(name));
}
