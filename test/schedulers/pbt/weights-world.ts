import type { Run } from '../../../src/execute/executor.ts';
import type { World } from '../../../src/execute/simulated.ts';
import type { Decision, Scheduler } from '../../../src/schedule/scheduler.ts';
import type { Config } from '../../../src/space/config.ts';

/** How weights are trained in a world without disks. `seconds` for each step; default 1. */
export interface Training<W> {
  readonly steps: number;
  readonly fresh: W;
  train(weights: W, config: Config, step: number, run: Run): W;
  loss(weights: W, config: Config, step: number, run: Run): number;
  seconds?(run: Run, step: number): number;
  fails?(run: Run, step: number): boolean;
}

/**
 * A world in which trials have weights: saved with each checkpoint, copied by an exploit, and gone on from at each start. The
 * scheduler is wrapped, since it is told of all this; and its world is for one simulation.
 */
export function weightsWorld<W, S>(training: Training<W>, scheduler: Scheduler<S>): { readonly world: World; readonly scheduler: Scheduler<S> } {
  const now = new Map<number, W>(); // what each trial has in hand
  const own = new Map<number, W>(); // its latest checkpoint
  const saved = new Map<string, W>();
  const taking = new Map<number, string>();
  const seen = new Set<number>();
  const world: World = {
    report(run, step) {
      if (!seen.has(run.run)) now.set(run.trial, own.get(run.trial) ?? training.fresh);
      seen.add(run.run);
      if (step > training.steps) return undefined;
      const seconds = training.seconds?.(run, step) ?? 1;
      if (training.fails?.(run, step)) return { seconds, fails: 'boom' };
      const weights = training.train(now.get(run.trial) as W, run.config, step, run);
      now.set(run.trial, weights);
      return { seconds, metrics: { loss: training.loss(weights, run.config, step, run) } };
    },
  };
  const note = (decision: Decision): void => {
    if (decision.kind === 'exploit') taking.set(decision.trial, `${decision.from}/${decision.checkpoint}`);
  };
  return {
    world,
    scheduler: {
      ...scheduler,
      decide(state, event, context) {
        if (event.kind === 'checkpointed') {
          const weights = now.get(event.trial) as W;
          own.set(event.trial, weights);
          saved.set(`${event.trial}/${event.checkpoint}`, weights);
        }
        if (event.kind === 'exploited') own.set(event.trial, saved.get(taking.get(event.trial) ?? '') as W);
        const outcome = scheduler.decide(state, event, context);
        outcome.decisions.forEach(note);
        return outcome;
      },
    },
  };
}
