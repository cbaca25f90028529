import { LONGEST_TEXT } from '../base/inspect.ts';
import { oneLine } from '../base/one-line.ts';
import type { Objective } from '../trial/metrics.ts';
import { outcomes } from '../trial/outcomes.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';

/** What a Tuner says of itself in the console. */
export interface TunerState {
  readonly trainable: string;
  readonly objectives: readonly Objective[];
  readonly searcher: string;
  readonly scheduler: string;
  /** `undefined` for a restored experiment whose options have not been looked at yet. */
  readonly samples: number | undefined;
  readonly record: ExperimentRecord | undefined;
  readonly stage: 'not run' | 'restored' | 'running' | 'over';
}

export function tunerLines({ trainable, objectives, searcher, scheduler, samples, record, stage }: TunerState): readonly string[] {
  const goals = objectives.map(({ metric, mode }) => `${metric} (${mode})`).join(', ') || 'no metric';
  const count = samples === undefined ? '' : `, samples=${samples === Number.POSITIVE_INFINITY ? 'unlimited' : samples}`;
  return [
    oneLine(`${trainable}, ${goals}`, LONGEST_TEXT),
    oneLine(`searcher=${searcher}, scheduler=${scheduler}${count}`, LONGEST_TEXT),
    stateLine(record, stage),
  ];
}

function stateLine(record: ExperimentRecord | undefined, stage: TunerState['stage']): string {
  if (record !== undefined) return `${stage}, ${outcomes(record.trials)}, path=${oneLine(record.path)}`;
  return stage === 'over' ? 'failed before it had a directory' : stage;
}
