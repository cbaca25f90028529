import type { DriverEvent, Ending, Reply } from '../../src/trainable/dialogue.ts';
import { type DrivenTrial, drive } from '../../src/trainable/driver.ts';
import type { TrainableRef } from '../../src/trainable/trainable-ref.ts';

export interface Scene {
  /** The answers to reports and savings, in order; `continue` once they are used up. */
  readonly replies?: readonly Reply[];
  readonly trial?: Partial<DrivenTrial>;
  /** Told to stop after this many events. */
  readonly stopAfter?: number;
  /** Told to stop once it runs. */
  readonly stopLater?: boolean;
}

/** Plays an executor in memory: every event is answered at once, and time is a count of events. */
export async function play(
  implementation: unknown,
  form: TrainableRef['form'],
  { replies = [], trial, stopAfter, stopLater = false }: Scene = {},
): Promise<{ readonly events: readonly DriverEvent[]; readonly ending: Ending }> {
  const events: DriverEvent[] = [];
  const answers = [...replies];
  const run: DrivenTrial = { id: 'abc_00000', name: 'test_abc_00000', config: { x: 1 }, dir: '/nowhere', step: 0, seed: 1, resources: {}, ...trial };
  const driven = drive({ form, implementation: implementation as TrainableRef['implementation'] }, run, {
    send(event) {
      events.push(event);
      if (events.length === stopAfter) driven.stop('by the test');
      if (event.kind !== 'warned') queueMicrotask(() => driven.answer(answers.shift() ?? { then: 'continue' }));
    },
    now: () => events.length * 1000,
  });
  if (stopAfter === 0) driven.stop('by the test');
  if (stopLater) setImmediate(() => driven.stop('by the test'));
  return { events, ending: await driven.ended };
}

export const kinds = (events: readonly DriverEvent[]): readonly string[] => events.map(({ kind }) => kind);
