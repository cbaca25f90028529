import { AttuneError } from '../base/errors.ts';
import type { Decision, Outcome, Scheduler } from './scheduler.ts';

/**
 * Several schedulers as one: the first is the chosen one, the others only stop. Each sees every event, in this order, and
 * their decisions follow each other; `by` names the author of each. The state is an array with the state of each.
 *
 * @throws {AttuneError} `SCHEDULER_UNSUPPORTED` when one of `stopOnly` may do more than stop
 */
export function compose(first: Scheduler, ...stopOnly: readonly Scheduler[]): Scheduler<readonly unknown[]> {
  for (const scheduler of stopOnly) checkStopsOnly('compose', scheduler);
  const parts = [first, ...stopOnly];
  return {
    name: parts.map(({ name }) => name).join('+'),
    options: parts.map(({ name, options = null }) => ({ name, options })),
    uses: [...new Set(parts.flatMap(({ uses }) => uses))],
    check: (setup) => parts.forEach((part) => part.check?.(setup)),
    init: () => parts.map((part) => part.init()),
    decide: (state, event, context) => together(parts, (part, i) => part.decide(state[i], event, context)),
  };
}

/** One outcome of several, in order. */
export function together(parts: readonly Scheduler[], outcomeOf: (part: Scheduler, index: number) => Outcome<unknown>): Outcome<readonly unknown[]> {
  const state: unknown[] = [];
  const decisions: Decision[] = [];
  const by: string[] = [];
  const warnings: string[] = [];
  for (const [i, part] of parts.entries()) {
    const outcome = outcomeOf(part, i);
    state.push(outcome.state);
    warnings.push(...(outcome.warnings ?? []));
    for (const [j, decision] of outcome.decisions.entries()) {
      decisions.push(decision);
      by.push(outcome.by?.[j] ?? part.name);
    }
  }
  return { state, decisions, ...(by.length > 0 ? { by } : {}), ...(warnings.length > 0 ? { warnings } : {}) };
}

/** @throws {AttuneError} `SCHEDULER_UNSUPPORTED` when the scheduler may do more than stop trials or the run */
export function checkStopsOnly(where: string, scheduler: Scheduler): void {
  const more = scheduler.uses.filter((kind) => kind !== 'stop' && kind !== 'end');
  if (more.length === 0) return;
  throw new AttuneError('SCHEDULER_UNSUPPORTED', `${where}: expected schedulers that only stop, got "${scheduler.name}", which may also ${more.join(', ')}.`, {
    hint: 'Give it as tuneConfig.scheduler.',
  });
}
