import { join } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import { failureText } from '../watch/error-text.ts';
import { rebuildTrialLogs } from '../watch/trial-logs.ts';
import type { Experiment } from './experiment.ts';

/**
 * The logs of trials that had not ended, from the journal: a process that was killed may have journaled a report and
 * not logged it. Give it every line of a replay, then `write`.
 */
export class LogRebuilder {
  readonly #logs = new Map<TrialId, { rows: JsonObject[]; errors: string }>();

  see(line: JournalLine, { rows }: Experiment): void {
    if (!('trial' in line)) return;
    const row = rows[line.trial];
    if (row === undefined) return;
    const log = this.#logs.get(line.trial) ?? { rows: [], errors: '' };
    this.#logs.set(line.trial, log);
    if (line.kind === 'reported' && row.last) log.rows.push(row.last);
    if (line.kind === 'checkpointed' && row.last) log.rows.splice(-1, 1, row.last);
    if (line.kind === 'failed' || (line.kind === 'retried' && !line.resumed)) log.errors += failureText(Math.max(1, row.failures), line.at, line.error);
    if (hasEnded(row.status)) this.#logs.delete(line.trial);
  }

  write(path: string, { rows }: Experiment): void {
    for (const [trial, log] of this.#logs) {
      const dir = rows[trial]?.dir;
      if (dir !== undefined) rebuildTrialLogs(join(path, dir), log);
    }
  }
}
