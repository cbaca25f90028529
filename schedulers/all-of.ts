import { AttuneError } from '../src/base/errors.ts';
import { askEach, composed, type PartOutcome, together } from '../src/schedule/compose.ts';
import type { Decision, Scheduler } from '../src/schedule/scheduler.ts';

/**
 * Schedulers that only stop, as one that stops a trial when all of them do: all at the same report. One that says stop and is
 * overruled goes on being told of the trial, and is asked again at the next report: what it said before does not count.
 * So a rule that speaks at every report (`medianStopping`, `patience`, `threshold`, a plateau) stands for as long as it holds,
 * and one that speaks now and then (`asha` at its rungs) says when the others are asked.
 *
 * The reason names all parts with theirs.
 *
 * @throws {AttuneError} `OPTION_RANGE` without schedulers; `SCHEDULER_UNSUPPORTED` for one that may do more than stop trials; in `new Tuner` what the
 * parts' `check` throws
 * @see docs/schedulers/composition.md
 * @example
 * import { allOf, patience, trialPlateau } from 'attune/schedulers';
 *
 * const scheduler = allOf(patience({ patience: 5 }), trialPlateau()); // worse than it was, and still
 * scheduler.name; // => 'allOf'
 */
export function allOf(...schedulers: readonly Scheduler[]): Scheduler<readonly unknown[]> {
  const all = composed('allOf', schedulers);
  for (const { name, uses } of schedulers) {
    const more = uses.filter((kind) => kind !== 'stop');
    if (more.length === 0) continue;
    throw new AttuneError('SCHEDULER_UNSUPPORTED', `allOf: expected schedulers that only stop trials, got "${name}", which may also ${more.join(', ')}.`, {
      hint: 'Put it beside them instead: firstOf(it, allOf(…)).',
    });
  }
  return {
    ...all,
    decide(states, event, context) {
      const outcomes = askEach(schedulers, states, event, context);
      return together(outcomes, unanimous(outcomes));
    },
  };
}

/** One decision for each trial that all of them stop. */
function unanimous([first, ...others]: readonly PartOutcome[]): PartOutcome['made'] {
  const made = (first?.made ?? []).flatMap(({ decision, by }): PartOutcome['made'] => {
    if (decision.kind !== 'stop') return [];
    const same = others.map((other) => other.made.find((one) => isStopOf(one.decision, decision.trial)));
    const agreed = same.filter((one) => one !== undefined);
    if (agreed.length < same.length) return [];
    if (agreed.length === 0) return [{ decision, by }];
    const reason = [{ decision, by }, ...agreed].map((one) => `${one.by}: ${one.decision.reason}`).join('; ');
    return [{ decision: { ...decision, reason }, by: 'allOf' }];
  });
  return made.filter((one, i) => made.findIndex(({ decision }) => isSame(decision, one.decision)) === i);
}

const isStopOf = (decision: Decision, trial: number): boolean => decision.kind === 'stop' && decision.trial === trial;
const isSame = (a: Decision, b: Decision): boolean => a.kind === 'stop' && b.kind === 'stop' && a.trial === b.trial;
