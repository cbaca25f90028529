import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { checkFiles, checkTrials, checkUntouched, decisionsByTrial, decisionsOf, finishedTrials, linesOf } from '../../journal-story.ts';
import { drive, killFromOutside } from './crash-lane.ts';

/*
 * Kills from outside, at no particular place: the whole process group of a driver dies while it is somewhere behind the event that it
 * told of, then that of the process that restores, again and again. When and where exactly is chance, and must not matter.
 */

/** Told by a failing test; the same kills, as far as chance allows: `CRASH_SEED=…`. */
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
const SAMPLES = (name: string): number => (name.includes('asha') ? 32 : 24);

const folder = mkdtempSync(join(tmpdir(), 'attune-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** After how many events each process is killed, the driver first. */
const kills = fc.sample(fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 4 }), { seed: SEED, numRuns: 6 });

describe(`the process group of a driver is killed, and that of its restores (CRASH_SEED=${SEED})`, () => {
  test.each([
    ['large, own, class, 1 at a time', decisionsOf],
    ['large, asha, function, 1 at a time', decisionsOf],
    ['large, fifo, function, 2 threads', decisionsByTrial],
    ['large, fifo, function, 2 processes', decisionsByTrial],
  ] as const)('%s', { timeout: 300_000 }, async (name, same) => {
    const uninterrupted = join(folder, name);
    expect(await drive(name, uninterrupted)).toMatchObject({ code: 0 });
    const whole = same(linesOf(uninterrupted));
    for (const [i, events] of kills.entries()) {
      const dir = join(folder, `${name}-${i}`);
      let done = false;
      for (const [session, n] of [...events, Number.POSITIVE_INFINITY].entries()) {
        const before = session === 0 ? [] : finishedTrials(dir, linesOf(dir));
        const { code, stdout } = await killFromOutside(session === 0 ? 'drive.mjs' : 'restore.mjs', name, dir, n);
        done = code === 0;
        expect(done || stdout.split('\n').length > n, `it ended with ${code} at event ${stdout.split('\n').length - 1}, though nobody killed it`).toBe(true);
        checkUntouched(before);
      }
      expect(done).toBe(true);
      const lines = linesOf(dir);
      checkTrials(lines, SAMPLES(name));
      checkFiles(dir, lines);
      expect(same(lines)).toEqual(whole);
      expect(existsSync(join(dir, 'lock'))).toBe(false);
    }
  });
});
