import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { decodeJson } from '../../src/base/json.ts';
import type { JournalLine } from '../../src/trial/events.ts';

/** A folder for the experiments of one test file; removed after its last test. */
export function temporaryStorage(): string {
  const path = mkdtempSync(join(tmpdir(), 'attune-tuner-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Every line of an experiment's journal; a line that is not JSON throws. */
export function journalOf(experiment: string): readonly JournalLine[] {
  const text = readFileSync(join(experiment, 'journal.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => decodeJson(line) as unknown as JournalLine);
}

/** The rows of a trial's result.json. */
export function rowsOf(trial: string): readonly Record<string, unknown>[] {
  const text = readFileSync(join(trial, 'result.json'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The checkpoints of a trial that are on disk. */
export function checkpointsOf(trial: string): readonly string[] {
  return readdirSync(trial)
    .filter((name) => name.startsWith('checkpoint_'))
    .sort();
}
