import type { World } from '../../src/execute/simulated.ts';
import type { Decision, Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { uniform } from '../../src/space/domains.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import type { JournalLine } from '../../src/trial/events.ts';
import { trialId } from '../../src/trial/ids.ts';
import type { Simulation } from '../../src/tuner/simulate.ts';

export const space = compileSpace({ x: uniform(0, 1) });

export const drawing: Searcher = {
  name: 'drawing',
  suggest: ({ index, samples, rng }) => (index < samples ? { kind: 'config', config: sample(space, rng) } : { kind: 'done' }),
};

/** Every trial reports `steps` times, once a second; its loss is its trial number plus its step. */
export function steady(steps: number, { canSave = true } = {}): World {
  return {
    report: (run, step) => (step > steps ? undefined : { seconds: 1, metrics: { loss: run.trial + step }, canSave }),
  };
}

/** A scheduler from one function, which notes in `notes`, its state, what it has to remember: a replay asks it again. */
export function deciding(decide: (event: SchedulerEvent, notes: Set<string>) => readonly Decision[], name = 'deciding'): Scheduler<Set<string>> {
  return {
    name,
    uses: ['stop', 'pause', 'resume', 'checkpoint', 'exploit', 'end'],
    init: () => new Set(),
    decide: (state, event) => ({ state, decisions: decide(event, state) }),
  };
}

export const when = (event: SchedulerEvent, kind: SchedulerEvent['kind'], trial: number, step?: number): boolean =>
  event.kind === kind && 'trial' in event && event.trial === trial && (step === undefined || ('step' in event && event.step === step));

export const decision = (kind: 'stop' | 'pause' | 'resume' | 'checkpoint', trial: number, reason = `${kind} it`): Decision => ({
  kind,
  trial: trialId(trial),
  reason,
});

export const exploit = (trial: number, from: number, checkpoint: string, x = 0.5): Decision => ({
  kind: 'exploit',
  trial: trialId(trial),
  from: trialId(from),
  checkpoint,
  config: { x },
  reason: 'copy it',
});

/** One trial at a time unless `workers` says otherwise; nothing is saved unless somebody asks. */
export function simulation(more: Partial<Simulation>): Simulation {
  return {
    space,
    objectives: [{ metric: 'loss', mode: 'min' }],
    samples: 1,
    seed: 7,
    searcher: drawing,
    scheduler: deciding(() => []),
    world: steady(3),
    checkpoints: { frequency: 0, atEnd: false },
    ...more,
  };
}

/** What happened to a trial, `reported 2` for a report of step 2, or to the experiment. */
export function story(lines: readonly JournalLine[], trial?: number): readonly string[] {
  return lines.flatMap((line) => {
    if (trial === undefined) return 'trial' in line || line.kind === 'created' || line.kind === 'opened' ? [] : [line.kind];
    if (!('trial' in line) || line.trial !== trial || line.kind === 'queued') return [];
    return ['step' in line ? `${line.kind} ${line.step}` : line.kind];
  });
}
