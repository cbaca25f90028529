import type { JsonObject } from '../base/json.ts';

/** A report on its way to the logs. */
export interface LoggedRow {
  readonly row: JsonObject;
  /** When it was journaled, in milliseconds since the epoch. */
  readonly at: number;
}

/** What one format makes of one trial. It begins empty: what an earlier session wrote is told again. */
export interface TrialLog {
  /** All of the rows or, when it throws, none. @throws {AttuneError} `STORAGE_UNWRITABLE` */
  append(rows: readonly LoggedRow[]): void;
  /** The trial, which has rows, has ended; at `at`. */
  end?(status: 'success' | 'failure', at: number): void;
  /** The run is over: gives file descriptors back. A later `append` opens them again. */
  close(): void;
}
