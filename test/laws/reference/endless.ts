import type { Scheduler } from '../../../src/schedule/scheduler.ts';
import { trialId } from '../../../src/trial/ids.ts';

interface State {
  readonly first: Record<string, string>;
  readonly configs: Record<string, unknown>;
}

/** Sends every trial back to the first checkpoint of the first one, at each of its reports. */
export function endless(): Scheduler<State> {
  return {
    name: 'endless',
    uses: ['exploit', 'checkpoint'],
    init: () => ({ first: {}, configs: {} }),
    decide(state, event) {
      if (event.kind === 'queued') state.configs[event.trial] = event.config;
      if (event.kind === 'checkpointed') state.first[event.trial] ??= event.checkpoint;
      if (event.kind !== 'reported') return { state, decisions: [] };
      const { trial } = event;
      const checkpoint = state.first['0'];
      if (checkpoint === undefined || trial === 0) return { state, decisions: [{ kind: 'checkpoint', trial, reason: 'to go back to' }] };
      const config = state.configs['0'] as never;
      return { state, decisions: [{ kind: 'exploit', trial, from: trialId(0), checkpoint, config, reason: 'back' }] };
    },
  };
}
