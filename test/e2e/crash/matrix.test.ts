import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Line } from '../../journal-story.ts';
import { checkFiles, checkTrials, checkUntouched, decisionsByTrial, decisionsOf, finishedTrials, linesOf } from '../../journal-story.ts';
import { drive, Restorer } from './crash-lane.ts';

/** What every run of an experiment has in common with the one that nobody interrupted. */
type Same = (lines: readonly Line[]) => unknown;

/** One trial at a time, nothing is left to chance: the same events and decisions in the same order. */
const everything: Same = decisionsOf;
/** Trials side by side that nobody compares: the same events and decisions for each. */
const eachTrial: Same = decisionsByTrial;
/** Trials side by side that are compared as they come: the same configurations. */
const configs: Same = (lines) => lines.filter(({ kind }) => kind === 'queued').map(({ config }) => config);

const BEFORE_THE_WRITE = 'decided';
const AFTER_THE_WRITE = 'written';
const AFTER_THE_ACT = 'acted';
const WHILE_SAVING = 'saved';

/** `every: 4`: killed at every fourth event, where another experiment of its kind is killed at every one. */
const EXPERIMENTS: readonly { readonly name: string; readonly samples: number; readonly same: Same; readonly places: readonly string[]; readonly every?: 4 }[] =
  [
    { name: 'fifo, function, 1 at a time', samples: 6, same: everything, places: [AFTER_THE_WRITE, WHILE_SAVING] },
    { name: 'fifo, class, 2 threads', samples: 6, same: eachTrial, places: [AFTER_THE_WRITE], every: 4 },
    { name: 'asha, function, 2 threads', samples: 9, same: configs, places: [AFTER_THE_WRITE] },
    { name: 'asha, class, 1 at a time', samples: 9, same: everything, places: [AFTER_THE_WRITE, WHILE_SAVING] },
    { name: 'asha, nothing saved, 1 at a time', samples: 14, same: everything, places: [AFTER_THE_WRITE], every: 4 },
    { name: 'asha, class, 2 processes', samples: 9, same: configs, places: [AFTER_THE_WRITE], every: 4 },
    { name: 'pbt, class, 1 at a time', samples: 4, same: everything, places: [AFTER_THE_WRITE, WHILE_SAVING] },
    { name: 'pbt together, function, 1 at a time', samples: 4, same: everything, places: [AFTER_THE_WRITE], every: 4 },
    { name: 'hyperband, class, 1 at a time', samples: 8, same: everything, places: [AFTER_THE_WRITE, WHILE_SAVING] },
    { name: 'hyperband, function, 1 at a time', samples: 6, same: everything, places: [AFTER_THE_WRITE], every: 4 },
    { name: 'bohb, class, 1 at a time', samples: 12, same: everything, places: [AFTER_THE_WRITE], every: 4 },
    { name: 'pb2, class, 1 at a time', samples: 4, same: everything, places: [AFTER_THE_WRITE], every: 4 },
    { name: 'own, class, 1 at a time', samples: 6, same: everything, places: [BEFORE_THE_WRITE, AFTER_THE_WRITE, AFTER_THE_ACT, WHILE_SAVING] },
  ];

/** To look at one kill alone: `CRASH_AT='written 12'`. */
const ONLY = process.env['CRASH_AT'];

/** So many kills and restores go on side by side: there are two cores at least. */
const LANES = 2;

let folder: string;
let restorers: readonly Restorer[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-crash-'));
  restorers = Array.from({ length: LANES }, () => new Restorer());
});
afterAll(async () => {
  await Promise.all(restorers.map((restorer) => restorer.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** Kills a driver process there, restores in another process, and checks what that leads to. */
async function killAndRestore(
  restorer: Restorer,
  { name, samples, same }: (typeof EXPERIMENTS)[number],
  place: string,
  n: number,
  whole: unknown,
): Promise<void> {
  const dir = join(folder, `${name}-${place}-${n}`);
  const { signal, code } = await drive(name, dir, [place, n]);
  if (process.platform !== 'win32') expect(signal, `exit code ${code}`).toBe('SIGKILL');
  const killed = linesOf(dir);
  if (place === AFTER_THE_WRITE && killed.at(-1)?.kind !== 'closed') expect(killed.length).toBeGreaterThanOrEqual(n);
  const finished = finishedTrials(dir, killed);
  await restorer.restore(name, dir);
  const lines = linesOf(dir);
  expect(lines.slice(0, killed.length)).toEqual(killed);
  checkTrials(lines, samples);
  checkFiles(dir, lines);
  checkUntouched(finished);
  expect(same(lines)).toEqual(whole);
  rmSync(dir, { recursive: true });
}

describe('killed at every event, it goes on and loses nothing', () => {
  test.each(EXPERIMENTS)('$name', { timeout: 300_000 }, async (experiment) => {
    const { name, samples, same, places, every = 1 } = experiment;
    const dir = join(folder, name);
    const { code, stdout } = await drive(name, dir);
    expect(code).toBe(0);
    const events = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
    const lines = linesOf(dir);
    expect(events[AFTER_THE_WRITE]).toBe(lines.length);
    expect(lines.length).toBeGreaterThanOrEqual(60);
    checkTrials(lines, samples);
    checkFiles(dir, lines);
    const whole = same(lines);

    const points = places.flatMap((place) => Array.from({ length: events[place] ?? 0 }, (_, i) => [place, i + 1] as const));
    const due = points.filter(([place, n]) => (ONLY === undefined ? n % every === 0 : ONLY === `${place} ${n}`));
    expect(due).not.toEqual([]);
    const failed: string[] = [];
    let first: Error | undefined;
    await Promise.all(
      restorers.map(async (restorer) => {
        for (let point = due.shift(); point !== undefined; point = due.shift()) {
          const [place, n] = point;
          await killAndRestore(restorer, experiment, place, n, whole).catch((error: Error) => {
            failed.push(`${place} ${n}`);
            first ??= error;
          });
        }
      }),
    );
    if (first) throw Object.assign(first, { message: `killed at ${failed.join(', ')}; the first: ${first.message}` });
  });
});
