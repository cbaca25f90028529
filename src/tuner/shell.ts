import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Executor } from '../execute/executor.ts';
import type { Searcher } from '../search/searcher.ts';
import type { Config } from '../space/config.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { TrialId } from '../trial/ids.ts';
import type { Experiment } from './experiment.ts';
import type { Inbox } from './inbox.ts';
import type { Recorder } from './recorder.ts';

/** Everything that the loop acts through: the only way in which an experiment touches the world. */
export interface Shell {
  readonly experiment: Experiment;
  readonly recorder: Recorder;
  readonly executor: Executor;
  readonly searcher: Searcher;
  readonly trainable: TrainableRef;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly maxConcurrentTrials: number;
  readonly timeBudgetS: number | undefined;
  /** What a trial waits after its first failure. */
  readonly backoffS: number;
  readonly resources: JsonObject;
  /** Absolute path of a trial's directory, or of a checkpoint in it. */
  pathOf(trial: TrialId, checkpoint?: string): string;
  describe(trial: TrialId, config: Config): { readonly tag: string; readonly dir: string };
  copyCheckpoint(from: string, to: string): void;
  breathe(): Promise<void>;
  warn(message: string): void;
}
