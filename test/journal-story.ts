import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** A line of a journal, as anybody can read it. */
export interface Line {
  readonly kind: string;
  readonly trial?: number;
  readonly step?: number;
  readonly run?: number;
  readonly dir?: string;
  readonly config?: unknown;
  readonly metrics?: unknown;
  readonly checkpoint?: string;
  readonly removed?: readonly string[];
  readonly decisions?: readonly unknown[];
  readonly error?: { readonly message: string };
}

const ENDINGS: readonly string[] = ['completed', 'stopped', 'failed'];
const hasEnding = ({ kind }: Line): boolean => ENDINGS.includes(kind);

export function linesOf(dir: string): readonly Line[] {
  return readFileSync(join(dir, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** What sessions and clocks leave in a journal: how often it was opened, how long things took, and where they ran. */
const OF_SESSIONS: readonly string[] = ['created', 'opened', 'started', 'closed'];
const OF_CLOCKS: readonly string[] = ['at', 'seconds', 'where'];

/**
 * A journal without its sessions: every event of a trial and every decision, in order, with all that was recorded but times, places
 * and stacks. Left out are the lines that open and close a session, those that start a run (an interrupted trial has one more), and
 * idle slots that nobody decided on (asked again in each session). Two journals of the same decisions have the same projection.
 */
export function decisionsOf(lines: readonly Line[]): readonly unknown[] {
  return lines
    .filter(({ kind, decisions }) => !OF_SESSIONS.includes(kind) && !((kind === 'idle' || kind === 'stalled') && decisions === undefined))
    .map((line) => {
      const kept = Object.entries(line).filter(([key]) => !OF_CLOCKS.includes(key));
      return { ...Object.fromEntries(kept), ...(line.error ? { error: line.error.message } : {}) };
    });
}

/** Where trials do not wait for each other, only the order of one trial's events is the same in every run. */
export function decisionsByTrial(lines: readonly Line[]): readonly (readonly unknown[])[] {
  const trials = lines.filter(({ kind }) => kind === 'queued').map(({ trial }) => trial);
  const shown = decisionsOf(lines) as readonly (Line & { readonly asked?: number })[];
  return trials.map((trial) => shown.filter((line) => line.trial === trial).map(({ asked: _, ...line }) => line));
}

/** No trial is lost or doubled, and each has each of its iterations once; after an exploit they count on from the copied checkpoint. */
export function checkTrials(lines: readonly Line[], samples: number): void {
  expect(lines.filter(({ kind }) => kind === 'queued').map(({ trial }) => trial)).toEqual(Array.from({ length: samples }, (_, i) => i));
  for (let trial = 0; trial < samples; trial++) {
    const own = lines.filter((line) => line.trial === trial);
    expect(own.filter(hasEnding), `endings of trial ${trial}`).toHaveLength(1);
    expect(own.findIndex(hasEnding), `trial ${trial} goes on after its end`).toBe(own.length - 1);
    let reached = 0;
    for (const { kind, step = 0 } of own) {
      if (kind === 'exploited') reached = step;
      if (kind === 'reported') expect(step, `the next report of trial ${trial}`).toBe(++reached);
    }
  }
}

/** On disk is what the journal says, and nothing else: logs with each report once, checkpoints with their state, nothing half-written. */
export function checkFiles(dir: string, lines: readonly Line[]): void {
  expect(lines.at(-1)?.kind).toBe('closed');
  expect(readdirSync(dir).filter((name) => name === 'lock' || name.includes('tmp'))).toEqual([]);
  const dirs = lines.flatMap(({ kind, dir: name }) => (kind === 'queued' && name ? [name] : []));
  for (const [trial, name] of dirs.entries()) {
    const own = lines.filter((line) => line.trial === trial);
    const reports = own.filter(({ kind }) => kind === 'reported');
    const path = join(dir, name);
    const rows = readFileSync(join(path, 'result.json'), 'utf8').trimEnd().split('\n');
    expect(
      rows.map((row) => (JSON.parse(row) as { training_iteration: number }).training_iteration),
      `result.json of trial ${trial}`,
    ).toEqual(reports.map(({ step }) => step));
    expect(readFileSync(join(path, 'progress.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(reports.length + 1);
    const failures = own.filter(({ kind }) => kind === 'retried' || kind === 'failed').length;
    const told = existsSync(join(path, 'error.txt')) ? (readFileSync(join(path, 'error.txt'), 'utf8').match(/^Failure # /gm)?.length ?? 0) : 0;
    expect(told, `failures in error.txt of trial ${trial}`).toBe(failures);
    checkCheckpoints(path, own);
  }
}

function checkCheckpoints(path: string, own: readonly Line[]): void {
  const steps = new Map<string, number>();
  for (const { kind, checkpoint, step, removed = [] } of own) {
    if ((kind === 'checkpointed' || kind === 'exploited') && checkpoint !== undefined) steps.set(checkpoint, step ?? 0);
    for (const name of removed) steps.delete(name);
  }
  const entries = readdirSync(path);
  expect(entries.filter((name) => name.includes('tmp'))).toEqual([]);
  expect(entries.filter((name) => name.startsWith('checkpoint_')).sort()).toEqual([...steps.keys()].sort());
  for (const [name, step] of steps) expect(JSON.parse(readFileSync(join(path, name, 'state.json'), 'utf8'))).toMatchObject({ step });
}

/** The logs of a trial that had ended when the process was killed. */
export interface Finished {
  readonly trial: number;
  readonly path: string;
  /** By file name. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** A run that started after its end has reported: what there was to write of it was written. */
  readonly isWritten: boolean;
}

const isLog = (name: string): boolean => ['result.json', 'progress.csv', 'params.json', 'error.txt'].includes(name) || name.startsWith('events.out.');

const logsIn = (path: string): ReadonlyMap<string, Buffer> =>
  new Map(existsSync(path) ? readdirSync(path).flatMap((name) => (isLog(name) ? [[name, readFileSync(join(path, name))] as const] : [])) : []);

export function finishedTrials(dir: string, lines: readonly Line[]): readonly Finished[] {
  return lines.flatMap((line, at) => {
    const queued = lines.find(({ kind, trial }) => kind === 'queued' && trial === line.trial);
    if (!hasEnding(line) || line.trial === undefined || queued?.dir === undefined) return [];
    const path = join(dir, queued.dir);
    const later = new Set<number | undefined>();
    const isWritten = lines.slice(at).some(({ kind, trial }) => (kind === 'started' ? later.add(trial) && false : kind === 'reported' && later.has(trial)));
    return [{ trial: line.trial, path, files: logsIn(path), isWritten }];
  });
}

/** What was finished is as it was, to the byte; what was being written when the process was killed was written to its end. */
export function checkUntouched(before: readonly Finished[]): void {
  for (const { trial, path, files, isWritten } of before) {
    const now = logsIn(path);
    for (const [name, bytes] of files) {
      const after = now.get(name) ?? Buffer.alloc(0);
      expect(after.subarray(0, bytes.length).toString('latin1'), `${name} of trial ${trial}, as far as it was written`).toBe(bytes.toString('latin1'));
    }
    if (!isWritten) continue;
    expect([...now.keys()], `logs of trial ${trial}`).toEqual([...files.keys()]);
    for (const [name, bytes] of files) expect(now.get(name)?.length, `${name} of trial ${trial}`).toBe(bytes.length);
  }
}
