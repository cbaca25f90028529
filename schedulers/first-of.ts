import { AttuneError } from '../src/base/errors.ts';
import { askEach, composed, strongest, together } from '../src/schedule/compose.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';

/**
 * Several schedulers as one: each is told everything, and of what they decide about a trial the strongest counts (`stop`,
 * `exploit`, `pause`, `checkpoint`, then `resume`), of equals that of the first. `by` of a stop is the part that wanted it.
 * A part that is overruled learns what became of the trial, as after every decision.
 *
 * At most one part may pause trials: two that do could wait for each other's trials for ever.
 *
 * @throws {AttuneError} `OPTION_RANGE` without schedulers; `SCHEDULER_UNSUPPORTED` when several pause; in `new Tuner` what the parts' `check` throws
 * @see docs/schedulers/composition.md
 * @example
 * import { asha, firstOf, threshold } from 'attune/schedulers';
 *
 * const scheduler = firstOf(asha({ maxT: 81 }), threshold()); // and what diverges stops at once
 * scheduler.name; // => 'firstOf'
 */
export function firstOf(...schedulers: readonly Scheduler[]): Scheduler<readonly unknown[]> {
  const all = composed('firstOf', schedulers);
  const pausing = schedulers.filter(({ uses }) => uses.includes('pause'));
  if (pausing.length > 1) {
    const names = pausing.map(({ name }) => `"${name}"`).join(' and ');
    throw new AttuneError('SCHEDULER_UNSUPPORTED', `firstOf: expected at most one scheduler that pauses trials, got ${names}.`, {
      hint: 'Each could wait for a trial that the other has paused. Keep one of them; those that only stop may be as many as you like.',
    });
  }
  return {
    ...all,
    decide(states, event, context) {
      const outcomes = askEach(schedulers, states, event, context);
      return together(outcomes, strongest(outcomes));
    },
  };
}
