import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../base/json.ts';
import { flatten } from '../../trial/metrics.ts';
import { readEnd } from '../file-ends.ts';
import { GrowingFile } from '../growing-file.ts';
import type { LoggedRow, TrialLog } from '../trial-log.ts';
import { endsSession, type Moment, ScalarRecords, SESSION_END_BYTES, sessionEndRecord, sessionStartRecord, versionRecord } from './event.ts';

/** Numbers that say where and when, not how it went. */
const NO_SCALARS: ReadonlySet<string> = new Set(['pid', 'thread_id', 'timestamp', 'training_iteration']);
const NO_SCALARS_BY_TIMESTEP: ReadonlySet<string> = new Set(['pid', 'thread_id', 'timestamp', 'timesteps_total']);

/** True for an event file of ours: a trial may write others into its directory. */
export const isTensorBoardLog = (name: string): boolean => /^events\.out\.tfevents\.\d+\.attune$/.test(name);

/**
 * An event file: the scalars of each report, nested ones with `/`, at the step `timesteps_total` if reports have it, else
 * `training_iteration`; and for the hparams plugin the configuration, and how the trial ended.
 *
 * It has no summary of the experiment: TensorBoard makes a better one from the runs, across several experiments too.
 * Its name and bytes follow from the journal, so that one written anew goes on where a TensorBoard that looks at it has read to.
 */
export class TensorBoardLog implements TrialLog {
  readonly #dir: string;
  readonly #scalars = new ScalarRecords();
  #file: GrowingFile | undefined;
  #step = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  append(rows: readonly LoggedRow[]): void {
    const [first] = rows;
    if (first === undefined) return;
    const records = rows.map(({ row, at }) => this.#scalars.record({ at, step: stepOf(row) }, { ...row, config: null }, leftOutOf(row)));
    if (this.#file === undefined) records.unshift(...opening({ at: first.at, step: 0 }, first.row));
    const file = this.#file ?? new GrowingFile(join(this.#dir, fileName(first.at)));
    file.append(Buffer.concat(records));
    this.#file = file;
    this.#step = stepOf((rows.at(-1) ?? first).row);
  }

  end(status: 'success' | 'failure', at: number): void {
    this.#file?.append(sessionEndRecord({ at, step: this.#step }, status));
  }

  close(): void {
    this.#file?.close();
  }
}

/** See `haveLogs`. @throws what the file system throws */
export function hasTensorBoardLog(dir: string, last: JsonObject): boolean {
  const [name, ...others] = readdirSync(dir).filter(isTensorBoardLog);
  return name !== undefined && others.length === 0 && endsSession(readEnd(join(dir, name), 'last', SESSION_END_BYTES), stepOf(last));
}

const fileName = (at: number): string => `events.out.tfevents.${Math.floor(at / 1000)}.attune`;

const opening = (first: Moment, row: JsonObject): readonly Uint8Array[] => [
  versionRecord(first.at),
  sessionStartRecord(first, flatten((row['config'] ?? {}) as JsonObject)),
];

const finite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const hasTimesteps = (row: JsonObject): boolean => finite(row['timesteps_total']);

function stepOf(row: JsonObject): number {
  const step = hasTimesteps(row) ? row['timesteps_total'] : row['training_iteration'];
  return finite(step) ? step : 0;
}

const leftOutOf = (row: JsonObject): ReadonlySet<string> => (hasTimesteps(row) ? NO_SCALARS_BY_TIMESTEP : NO_SCALARS);
