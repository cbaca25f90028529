import { rng } from '../../src/base/rng.ts';
import type { Decision, Outcome, ScheduleContext, Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import type { Space } from '../../src/space/space.ts';
import { trialId } from '../../src/trial/ids.ts';

/** What a scheduler that asks for nothing but randomness is told. */
export const context: ScheduleContext = {
  space: { root: { kind: 'object', path: '', entries: new Map() }, parameters: [], dimensions: 0, derived: false } satisfies Space,
  objectives: 1,
  samples: 100,
  slots: 4,
  rng: (...key) => rng(42).fork('scheduler', ...key),
};

/** A report of `loss`; `metrics` are its numbers beside the loss. */
export function reported(trial: number, step: number, loss: number, metrics: Record<string, number> = { loss }): SchedulerEvent {
  return { kind: 'reported', trial: trialId(trial), step, losses: [loss], metrics };
}

/** The outcome of every event; between two of them the state passes through JSON. */
export function outcomes<S>(scheduler: Scheduler<S>, events: readonly SchedulerEvent[], throughJson = true): readonly Outcome<S>[] {
  let state = scheduler.init();
  return events.map((event) => {
    const outcome = scheduler.decide(state, event, context);
    state = throughJson ? (JSON.parse(JSON.stringify(outcome.state)) as S) : outcome.state;
    return outcome;
  });
}

/** The decisions on every event. */
export const play = <S>(scheduler: Scheduler<S>, events: readonly SchedulerEvent[], throughJson = true): readonly (readonly Decision[])[] =>
  outcomes(scheduler, events, throughJson).map(({ decisions }) => decisions);

/** Every reason given, in order. */
export const reasons = <S>(scheduler: Scheduler<S>, events: readonly SchedulerEvent[]): readonly string[] =>
  play(scheduler, events).flatMap((decisions) => decisions.map(({ reason }) => reason));

/** Every warning given, in order. */
export const warnings = <S>(scheduler: Scheduler<S>, events: readonly SchedulerEvent[]): readonly string[] =>
  outcomes(scheduler, events).flatMap((outcome) => outcome.warnings ?? []);
