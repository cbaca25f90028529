import { type PopulationState, pbt } from '../../../schedulers/pbt.ts';
import type { Decision, Scheduler } from '../../../src/schedule/scheduler.ts';
import { choice, uniform } from '../../../src/space/domains.ts';

/** What may be wrong with it. */
export type TogetherFlaw = 'copies nobody' | 'a value of a list jumps';

/** Our `pbt`, all of whose members wait for each other, with other decisions than its own: right without a flaw. */
export function together(flaw?: TogetherFlaw): Scheduler<PopulationState> {
  const hyperparamMutations = { kind: choice(['a', 'b', 'c']), nested: { momentum: uniform(0, 1) } };
  const right = pbt({ perturbationInterval: 2, synch: true, resampleProbability: 0, hyperparamMutations });
  return {
    ...right,
    name: 'together',
    decide(state, event, context) {
      const outcome = right.decide(state, event, context);
      return { ...outcome, decisions: outcome.decisions.map(changed) };
    },
  };

  function changed(decision: Decision): Decision {
    if (decision.kind !== 'exploit' || flaw === undefined) return decision;
    const { trial, reason, config } = decision;
    return flaw === 'copies nobody' ? { kind: 'resume', trial, reason } : { ...decision, config: { ...config, kind: 'a' } };
  }
}
