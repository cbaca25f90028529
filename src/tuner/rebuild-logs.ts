import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import { removeUnnamed } from '../store/experiment-directory.ts';
import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import { failureText } from '../watch/error-text.ts';
import { rebuildTrialLogs } from '../watch/trial-logs.ts';
import type { Experiment } from './experiment.ts';

interface Log {
  readonly rows: JsonObject[];
  errors: string;
  endedAt: number;
}

/** Whatever was journaled longer ago than this is in the logs: they are written right after the journal. */
const LOGGED_AFTER_MS = 60_000;

/**
 * The logs of trials that had not ended, or only just, from the journal: a process that was killed may have journaled a
 * report and not logged it. Give it every line of a replay, then `write`.
 */
export class LogRebuilder {
  readonly #logs = new Map<TrialId, Log>();
  readonly #completed: TrialId[] = [];
  #now = 0;

  see(line: JournalLine, { rows }: Experiment): void {
    this.#now = line.at;
    if (!('trial' in line)) return;
    const row = rows[line.trial];
    if (row === undefined) return;
    const log = this.#logs.get(line.trial) ?? { rows: [], errors: '', endedAt: Number.POSITIVE_INFINITY };
    this.#logs.set(line.trial, log);
    if (line.kind === 'reported' && row.last) log.rows.push(row.last);
    if (line.kind === 'checkpointed' && row.last) log.rows.splice(-1, 1, row.last);
    if (line.kind === 'failed' || (line.kind === 'retried' && !line.resumed)) log.errors += failureText(Math.max(1, row.failures), line.at, line.error);
    log.endedAt = hasEnded(row.status) ? line.at : Number.POSITIVE_INFINITY;
    if (row.status === 'TERMINATED') this.#completed.push(line.trial); // a failed one may be resumed
    this.#forget();
  }

  write(path: string, { rows }: Experiment): void {
    for (const [trial, { rows: reports, errors, endedAt }] of this.#logs) {
      const { dir, saving } = rows[trial] ?? {};
      if (dir === undefined || endedAt < this.#now - LOGGED_AFTER_MS) continue;
      if (saving !== undefined) reports.pop(); // the logger writes it, once it is known whether it was saved
      if (reports.length === 0) removeLogs(join(path, dir));
      rebuildTrialLogs(join(path, dir), { rows: reports, errors });
    }
  }

  #forget(): void {
    for (;;) {
      const [oldest] = this.#completed;
      const log = oldest === undefined ? undefined : this.#logs.get(oldest);
      if (oldest === undefined || log === undefined || log.endedAt >= this.#now - LOGGED_AFTER_MS) return;
      this.#completed.shift();
      this.#logs.delete(oldest);
    }
  }
}

/** What stands in the directory of a trial that no event names: its queueing was lost with the end of the journal. */
export function clearTrial(dir: string): void {
  removeUnnamed(dir, new Set());
  removeLogs(dir);
}

function removeLogs(dir: string): void {
  for (const file of ['result.json', 'progress.csv', 'params.json', 'error.txt']) rmSync(join(dir, file), { force: true });
}
