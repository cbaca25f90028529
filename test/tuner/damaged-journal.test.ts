import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AttuneError } from '../../src/index.ts';
import { JournalRows } from '../../src/results/journal-rows.ts';
import { readStanding } from '../../src/store/experiment-directory.ts';
import { readExperiment } from '../../src/store/read-experiment.ts';
import { checkWhole, restore, training, tunerIn } from './restorable.ts';
import { temporaryStorage } from './temporary-storage.ts';

/** Journals with a line that none of ours writes: a disk has lost something, or somebody has edited them. */

const storagePath = temporaryStorage();
const { experimentPath: path } = await tunerIn(storagePath, 'whole', training(), { tuneConfig: { numSamples: 2 } }).fit();
const journal = join(path, 'journal.jsonl');
const record = readExperiment(path);
const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');

const numberOf = (text: string): number => lines.findIndex((line) => line.startsWith(text)) + 1;
const SECOND_REPORT = numberOf('{"kind":"reported","trial":0,"step":2');
const SECOND_TRIAL = numberOf('{"kind":"queued","trial":1');

/** A line as it is, but for these parts. */
const changed = (number: number, parts: object): string => JSON.stringify({ ...(JSON.parse(lines[number - 1] ?? '') as object), ...parts });
/** The line of that number becomes these. */
const write = (number: number, ...now: readonly string[]): void => writeFileSync(journal, `${lines.toSpliced(number - 1, 1, ...now).join('\n')}\n`);

const at = 1;
const before = 'cannot follow on those before it: ';

test.each<[string, number, readonly string[], string]>([
  ['null', 0, ['null'], 'is no event: null'],
  ['a number', 0, ['7'], 'is no event: 7'],
  ['an object', 0, ['{}'], 'is no event: {}'],
  ['an unknown event', 0, [changed(SECOND_REPORT, { kind: 'frobbed' })], 'is no event: {"kind":"frobbed"'],
  ['an event that is named like a method', 0, [changed(SECOND_REPORT, { kind: 'constructor' })], 'is no event'],
  ['a report without metrics', 0, [changed(SECOND_REPORT, { metrics: null })], 'is no event'],
  ['a report of no trial', 0, [changed(SECOND_REPORT, { trial: -1 })], 'is no event'],
  ['an event without its time', 0, [changed(SECOND_REPORT, { at: undefined })], 'is no event'],
  ['an empty line', 0, ['', ''], 'is not JSON: .'],
  ['a page that was never written', 0, ['\0\0\0'], 'is not JSON: \\x00\\x00\\x00.'],
  ['a trial that was never queued', 0, [changed(SECOND_REPORT, { trial: 99 })], `${before}expected trial 99 to be queued once, before anything else`],
  ['a report that comes twice', 1, [changed(SECOND_REPORT, {}), changed(SECOND_REPORT, {})], `${before}expected report 3 of trial 0, got 2`],
  ['a report that is missing', 0, [changed(SECOND_REPORT, { step: 3 })], `${before}expected report 2 of trial 0, got 3`],
])('%s in the place of a report is an error that names its line, whoever reads it', async (_, offset, now, text) => {
  write(SECOND_REPORT, ...now);
  await expectDamage(SECOND_REPORT + offset, text);
});

test.each<[string, readonly object[], string]>([
  ['twice', [{}, {}], `${before}expected trial 1 to be queued once, before anything else, got "queued"`],
  ['out of its turn', [{ trial: 5 }], `${before}expected trial 1 to be queued next, got 5`],
  ['and done without having begun', [{}, { kind: 'completed', at }], `${before}Trial 1 is PENDING; it cannot be "completed"`],
])('so is a trial that is queued %s', async (_, parts, text) => {
  write(SECOND_TRIAL, ...parts.map((part) => changed(SECOND_TRIAL, part)));
  await expectDamage(SECOND_TRIAL + parts.length - 1, text);
});

test.each([SECOND_REPORT, SECOND_TRIAL, lines.length])('cut where the hint says, here before line %i, it goes on from there', async (number) => {
  write(number, '\0\0\0', lines[number - 1] ?? '');
  const error: unknown = await restore(path)
    .then((tuner) => tuner.fit())
    .catch((thrown: unknown) => thrown);
  const { hint } = error as AttuneError;
  expect(hint).toMatch(/^It is whole up to line \d+: keep a copy, cut it there \(head -n \d+\), and Tuner\.restore goes on from there/);
  const whole = readFileSync(journal, 'utf8')
    .split('\n')
    .slice(0, Number(/head -n (\d+)/.exec(hint)?.[1]));
  writeFileSync(journal, `${whole.join('\n')}\n`);
  checkWhole(await (await restore(path)).fit(), 2);
});

async function expectDamage(number: number, text: string): Promise<void> {
  const damaged = { code: 'JOURNAL_INVALID', message: expect.stringContaining(`journal.jsonl: line ${number} ${text}`) };
  const readers = [() => readExperiment(path), () => readStanding(path), () => record.trials.map((trial) => new JournalRows(record).of(trial))];
  for (const read of readers) expect(read).toThrow(expect.objectContaining(damaged));
  await expect(restore(path).then((tuner) => tuner.fit())).rejects.toMatchObject(damaged);
}
