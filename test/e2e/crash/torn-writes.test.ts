import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFiles, checkTrials, checkUntouched, decisionsOf, finishedTrials, linesOf } from '../../journal-story.ts';
import { drive, Restorer } from './crash-lane.ts';

/*
 * A driver process is killed in the middle of a write to its journal, at any byte. What stands there then is a line without its end,
 * or some lines of a batch without the others.
 */

/** Told by a failing test, and draws the same bytes: `CRASH_SEED=…`. */
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
const KILLS = 8;
/** Bytes by which the first line of a killed run may be longer: its directory's name and its times are other ones. And all lines together may be some bytes shorter. */
const SPARE = 64;

let folder: string;
let restorer: Restorer;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-crash-'));
  restorer = new Restorer();
});
afterAll(async () => {
  await restorer.close();
  rmSync(folder, { recursive: true, force: true });
});

describe(`killed within a write to its journal (CRASH_SEED=${SEED})`, () => {
  test.each([
    ['large, fifo, class, 1 at a time', 24],
    ['large, fifo, function, 1 at a time', 24],
    ['large, asha, class, 1 at a time', 32],
    ['large, asha, function, 1 at a time', 32],
  ])('%s', { timeout: 300_000 }, async (name, samples) => {
    const uninterrupted = join(folder, name);
    const { code, stdout } = await drive(name, uninterrupted);
    expect(code).toBe(0);
    const { torn: bytes } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { readonly torn: number };
    expect(bytes).toBe(readFileSync(join(uninterrupted, 'journal.jsonl')).length);
    const whole = decisionsOf(linesOf(uninterrupted));
    const first = readFileSync(join(uninterrupted, 'journal.jsonl')).indexOf('\n') + 1 + SPARE; // before that nothing has begun
    for (const byte of fc.sample(fc.integer({ min: first, max: Math.floor(bytes * 0.95) }), { seed: SEED, numRuns: KILLS })) {
      const dir = join(folder, `${name}-${byte}`);
      const { signal } = await drive(name, dir, ['torn', byte]);
      if (process.platform !== 'win32') expect(signal).toBe('SIGKILL');
      const journal = readFileSync(join(dir, 'journal.jsonl'));
      expect(journal.length, `killed at byte ${byte}`).toBe(byte);
      const kept = journal.subarray(0, journal.lastIndexOf('\n') + 1).toString();
      const killed = kept.trimEnd().split('\n');
      const finished = finishedTrials(
        dir,
        killed.map((line) => JSON.parse(line) as never),
      );
      await restorer.restore(name, dir);
      const lines = linesOf(dir);
      expect(readFileSync(join(dir, 'journal.jsonl'), 'utf8').startsWith(kept), `killed at byte ${byte}`).toBe(true);
      checkTrials(lines, samples);
      checkFiles(dir, lines);
      checkUntouched(finished);
      expect(decisionsOf(lines), `killed at byte ${byte}`).toEqual(whole);
      rmSync(dir, { recursive: true });
    }
  });
});
