import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { Decision, Outcome, ScheduleContext, Scheduler, SchedulerEvent } from './scheduler.ts';

/** A decision, and who made it. */
interface Made {
  readonly decision: Decision;
  readonly by: string;
}

/** What one part of a composition made of an event. */
export interface PartOutcome {
  readonly name: string;
  readonly state: unknown;
  readonly made: readonly Made[];
  readonly warnings: readonly string[];
}

/** The strongest decision about a trial comes first, as in the loop. */
const STRENGTH: readonly Decision['kind'][] = ['stop', 'exploit', 'pause', 'checkpoint', 'resume'];

/**
 * Asks each part, in order, with the state and the randomness of its own.
 * @throws {Error} when a part does not keep to the contract, naming it: a fault of the plug-in
 */
export function askEach(parts: readonly Scheduler[], states: readonly unknown[], event: SchedulerEvent, context: ScheduleContext): readonly PartOutcome[] {
  return parts.map((part, i): PartOutcome => {
    const outcome = part.decide(states[i], event, { ...context, rng: (...key) => context.rng(i, ...key) });
    if (!Array.isArray((outcome as Partial<typeof outcome> | undefined)?.decisions))
      throw new Error(`expected decide() of "${part.name}" to return { state, decisions }, got ${describe(outcome)}`);
    const { state, decisions, by, warnings = [] } = outcome;
    const stranger = decisions.find((decision: Partial<Decision> | null) => !part.uses.includes(decision?.kind as Decision['kind']));
    if (stranger !== undefined) throw new Error(`expected decisions of "${part.name}" that its uses name (${part.uses.join(', ')}), got ${describe(stranger)}`);
    return { name: part.name, state, made: decisions.map((decision, j) => ({ decision, by: by?.[j] ?? part.name })), warnings };
  });
}

/** One outcome of several that say the same `made`. */
export function together(outcomes: readonly PartOutcome[], made: readonly Made[]): Outcome<readonly unknown[]> {
  const warnings = outcomes.flatMap((outcome) => outcome.warnings);
  return {
    state: outcomes.map(({ state }) => state),
    decisions: made.map(({ decision }) => decision),
    ...(made.length > 0 ? { by: made.map(({ by }) => by) } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** The decisions that count: about each trial those of the part with the strongest one, of equals the first. So too for an `end` of the run. */
export function strongest(outcomes: readonly PartOutcome[]): readonly Made[] {
  const winners = new Map<unknown, { readonly part: number; readonly rank: number }>();
  const about = (decision: Decision): unknown => (decision.kind === 'end' ? 'run' : decision.trial);
  for (const [part, { made }] of outcomes.entries()) {
    for (const { decision } of made) {
      const rank = STRENGTH.indexOf(decision.kind);
      if (rank < (winners.get(about(decision))?.rank ?? Number.POSITIVE_INFINITY)) winners.set(about(decision), { part, rank });
    }
  }
  return outcomes.flatMap(({ made }, part) => made.filter(({ decision }) => winners.get(about(decision))?.part === part));
}

/** As `options` of a composition: what a restore makes its parts of. */
export const partRecord = ({ name, options = null }: Scheduler): JsonObject => ({ name, options });

/** What all compositions of several share. @throws {AttuneError} `OPTION_RANGE` for a part that is no scheduler, or when there is none */
export function composed(name: string, parts: readonly Scheduler[]): Omit<Scheduler<readonly unknown[]>, 'decide'> & { readonly options: Json } {
  if (parts.length === 0) throw new AttuneError('OPTION_RANGE', `${name}: expected at least one scheduler, got none.`);
  for (const part of parts) checkPart(name, part);
  return {
    name,
    options: { schedulers: parts.map(partRecord) },
    uses: [...new Set(parts.flatMap(({ uses }) => uses))],
    needs: parts.flatMap(({ needs = [] }) => needs),
    check: (setup) => parts.forEach((part) => part.check?.(setup)),
    init: () => parts.map((part) => part.init()),
  };
}

/** @throws {AttuneError} `OPTION_RANGE` unless it is a scheduler */
export function checkPart(where: string, part: unknown): asserts part is Scheduler {
  const { name, uses, init, decide } = (typeof part === 'object' && part !== null ? part : {}) as Partial<Scheduler>;
  if (typeof name === 'string' && Array.isArray(uses) && typeof init === 'function' && typeof decide === 'function') return;
  const call = typeof part === 'function' && part.name !== '' ? `Call it: ${part.name}(…).` : 'A scheduler has a name, what it uses, init() and decide().';
  const hint = Array.isArray(part) ? `Give them one by one: ${where}(a, b).` : call;
  throw new AttuneError('OPTION_RANGE', `${where}: expected a scheduler, got ${describe(part)}.`, { hint });
}

/** @throws {AttuneError} `SCHEDULER_UNSUPPORTED` when the scheduler may do more than stop trials or the run */
export function checkStopsOnly(where: string, scheduler: Scheduler): void {
  const more = scheduler.uses.filter((kind) => kind !== 'stop' && kind !== 'end');
  if (more.length === 0) return;
  throw new AttuneError('SCHEDULER_UNSUPPORTED', `${where}: expected schedulers that only stop, got "${scheduler.name}", which may also ${more.join(', ')}.`, {
    hint: 'Give it as tuneConfig.scheduler.',
  });
}
