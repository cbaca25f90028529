import { AttuneError } from '../src/base/errors.ts';
import { canonicalJson, findNonJson, type Json } from '../src/base/json.ts';
import { describe } from '../src/base/options.ts';
import type { Decision, Scheduler, SchedulerEvent } from '../src/schedule/scheduler.ts';
import type { Config } from '../src/space/config.ts';
import { contains } from '../src/space/contains.ts';
import type { Space } from '../src/space/space.ts';
import type { Ancestor, Lineage } from '../src/trial/lineage.ts';

/** What `pbtReplay` keeps, by trial: how many changes of configuration it has behind it. */
export interface PbtReplayState {
  readonly trials: Record<string, number>;
}

/**
 * Trains by the schedule of configurations that one member of a population ended up with: `result.lineage` of a run of `pbt` or `pb2`.
 * A trial begins with the first configuration of the lineage, so give it to the run: `pointsToEvaluate: [lineage[0].config]`. Where the
 * lineage has another configuration from a step on, the trial saves at that step and goes on from there with it. One that begins
 * with another configuration is stopped, and says so. If a report at such a step has no saver, the next one that has is it.
 *
 * Needs a trainable that saves checkpoints. Each event costs O(1).
 *
 * @throws {AttuneError} `OPTION_RANGE` unless the lineage has at least one entry, the first from step 0, and steps do not decrease; in
 * `new Tuner` `CONFIG_INVALID` for a configuration that does not lie in the space
 * @see docs/schedulers/pbt.md
 * @example
 * import type { TuneConfig } from 'attune';
 * import { pbtReplay } from 'attune/schedulers';
 *
 * const lineage = [
 *   { trial: '6e465_00000', step: 0, config: { lr: 0.1 } },
 *   { trial: '6e465_00003', step: 20, config: { lr: 0.02 } },
 * ]; // result.lineage of the best member
 * const tuneConfig: TuneConfig = { scheduler: pbtReplay(lineage), pointsToEvaluate: [{ lr: 0.1 }], numSamples: 1 };
 */
export function pbtReplay(lineage: Lineage): Scheduler<PbtReplayState> {
  const [first, ...changes] = scheduleOf(lineage);

  return {
    name: 'pbtReplay',
    options: lineage.map(({ trial, step, config }) => ({ trial, step, config })) as Json,
    uses: ['stop', 'checkpoint', 'exploit'],
    check: ({ space }) => [first, ...changes].forEach((entry) => checkInSpace(entry, space)),
    init: () => ({ trials: {} }),
    decide: (state, event) => ({ state, decisions: decide(state, event) }),
  };

  function decide({ trials }: PbtReplayState, event: SchedulerEvent): readonly Decision[] {
    if (!('trial' in event)) return [];
    const { trial, kind } = event;
    if (kind === 'queued') return begin(trials, event);
    const done = trials[trial];
    const change = done === undefined ? undefined : changes[done];
    if (done === undefined || change === undefined) return [];
    const { config, step } = change;
    if (kind === 'exploited') trials[trial] = done + 1;
    if (kind === 'reported' && event.step >= step) return [{ kind: 'checkpoint', trial, reason: `step ${step}: another configuration from here on` }];
    if (kind !== 'checkpointed' || event.step < step) return [];
    const reason = `step ${event.step}: goes on with configuration ${done + 2} of ${changes.length + 1}`;
    return [{ kind: 'exploit', trial, from: trial, checkpoint: event.checkpoint, config, reason }];
  }

  function begin(trials: Record<string, number>, { trial, config }: SchedulerEvent & { kind: 'queued' }): readonly Decision[] {
    if (canonicalJson(config) === canonicalJson(first.config)) {
      trials[trial] = 0;
      return [];
    }
    return [{ kind: 'stop', trial, reason: 'it does not begin as the lineage does: give pointsToEvaluate: [lineage[0].config], and as many samples' }];
  }
}

/** Without those that train for no step. */
function scheduleOf(lineage: Lineage): readonly [Ancestor, ...Ancestor[]] {
  const entries: unknown = lineage;
  if (!Array.isArray(entries) || !entries.every(isAncestor)) {
    throw new AttuneError('OPTION_RANGE', `pbtReplay: expected a lineage, entries { trial, step, config }, got ${describe(lineage)}.`, {
      hint: 'Give result.lineage of a trial.',
    });
  }
  const [first, ...rest] = lineage.filter(({ step }, i) => lineage[i + 1]?.step !== step);
  const steps = lineage.map(({ step }) => step);
  if (first !== undefined && steps[0] === 0 && steps.every((step, i) => step >= (steps[i - 1] ?? 0))) return [first, ...rest];
  throw new AttuneError(
    'OPTION_RANGE',
    `pbtReplay: expected a lineage whose steps begin with 0 and do not decrease, got the steps ${steps.join(', ') || 'of none'}.`,
  );
}

const isAncestor = (entry: unknown): boolean => {
  if (typeof entry !== 'object' || entry === null) return false;
  const { step, config } = entry as Partial<Ancestor>;
  return Number.isSafeInteger(step) && typeof config === 'object' && config !== null && findNonJson(config) === undefined;
};

function checkInSpace({ step, config }: { readonly step: number; readonly config: Config }, space: Space): void {
  if (contains(space, config)) return;
  throw new AttuneError('CONFIG_INVALID', `pbtReplay: expected configurations in the space, got ${JSON.stringify(config)} from step ${step} on.`, {
    hint: 'Give the paramSpace that the population had.',
  });
}
