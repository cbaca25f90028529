import type { JsonObject } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import type { Created, ErrorData, JournalLine, Opened, ProposedBy, Stamp, Where } from './events.ts';
import type { TrialId } from './ids.ts';
import type { Status } from './lifecycle.ts';
import type { Lineage } from './lineage.ts';

/** A checkpoint that is on disk: `name` is its folder in the trial's directory, `row` the result row it was saved with. */
export interface SavedCheckpoint {
  readonly name: string;
  readonly step: number;
  readonly row: JsonObject;
  /** The hash of its manifest. */
  readonly manifest?: string;
  /** Where its weights come from, when they are not the trial's own from the start. */
  readonly lineage?: Lineage;
}

/** Everything the journal says about one trial, without its history: the row of a result grid. */
export interface TrialRecord {
  readonly id: TrialId;
  /** `6e465_00007` */
  readonly name: string;
  readonly config: Config;
  readonly by: ProposedBy;
  /** `7_lr=0.0098,momentum=0.9000` */
  readonly tag: string;
  /** Folder name in the experiment directory. */
  readonly dir: string;
  readonly status: Status;
  /** Reports so far. */
  readonly step: number;
  /** Why a TERMINATED or PAUSED trial is: `by` is `completed`, or the scheduler or rule that stopped it. */
  readonly reason?: { readonly by: string; readonly reason: string };
  readonly error?: ErrorData;
  readonly failures: number;
  /** The last result row, nested, with the automatic keys: what stands last in result.json. */
  readonly last?: JsonObject;
  /** When its latest run was started, milliseconds since the epoch. */
  readonly startedAtMs?: number;
  /** Where it runs, or has run last. Read back from a journal: where it last reported. */
  readonly where?: Where;
  /** The checkpoint that the latest report is saving, until it is saved. */
  readonly saving?: string;
  /** Those that retention has kept, oldest first. */
  readonly checkpoints: readonly SavedCheckpoint[];
  /** Where its weights come from, once it has been exploited. */
  readonly lineage?: Lineage;
}

/** An experiment as data: what a result grid is made of, live or read back from its directory. */
export interface ExperimentRecord {
  /** Absolute path of the experiment directory. */
  readonly path: string;
  /** `at`: when that was, milliseconds since the epoch; not known before its first session has begun. */
  readonly created: Created & Partial<Stamp>;
  /** For how long its sessions were open, milliseconds. */
  readonly openMs?: number;
  /** The latest session, when the journal was read back. */
  readonly opened?: Opened;
  readonly trials: readonly TrialRecord[];
  /** The whole journal, of an experiment that has no directory: nothing is read from the disk then. */
  readonly journal?: readonly JournalLine[];
  /** What interrupted its latest session, if anything did. */
  readonly interrupted?: string | undefined;
}
