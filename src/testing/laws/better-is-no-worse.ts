import type { Decision } from '../../schedule/scheduler.ts';
import type { TrialId } from '../../trial/ids.ts';
import { broken, inWords, type Law, sound } from './law.ts';
import { METRIC } from './law-world.ts';

const STRENGTH = ['checkpoint', 'pause', 'stop'];
const strengthOf = (decisions: readonly Decision[], trial: TrialId): number =>
  Math.max(-1, ...decisions.map((decision) => (decision.kind !== 'end' && decision.trial === trial ? STRENGTH.indexOf(decision.kind) : -1)));

/** For families that judge a trial by its score at its own report. */
export const betterIsNoWorse: Law = {
  name: 'B9',
  law: 'A better score never makes it worse for the trial that reports it: on before pause, pause before stop.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    const scheduler = subject.make({ metric: METRIC, mode: world.mode });
    let state = scheduler.init();
    for (const { event, context } of played?.told ?? []) {
      const text = JSON.stringify(state);
      const outcome = scheduler.decide(state, event, context);
      const strength = 'trial' in event ? strengthOf(outcome.decisions, event.trial) : -1;
      if (event.kind === 'reported' && strength >= 0) {
        const better = { ...event, losses: event.losses.map((loss) => (loss > 0 ? loss / 2 : 2 * loss - 1)) };
        const again = scheduler.decide(JSON.parse(text), better, context).decisions;
        if (strengthOf(again, event.trial) > strength)
          broken(`${inWords(outcome.decisions[0] as Decision)}, or better, with loss ${better.losses[0]} too`, again.map(inWords).join(', '));
      }
      state = outcome.state;
    }
  },
};
