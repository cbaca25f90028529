import { schedulerLaws } from 'attune/testing';

const { test } = 'test' in globalThis ? globalThis : await import('node:test');

/** Stops whoever is no better than the first one: the best of them too, when they are equal. */
const jealous = () => ({
  name: 'jealous',
  options: { maxT: 9, gracePeriod: 1, reductionFactor: 3 },
  uses: ['stop'],
  init: () => ({ first: null }),
  decide(state, event) {
    if (event.kind !== 'reported') return { state, decisions: [] };
    const [loss] = event.losses;
    state.first ??= { trial: event.trial, loss };
    const stops = event.trial !== state.first.trial && loss >= state.first.loss;
    return { state, decisions: stops ? [{ kind: 'stop', trial: event.trial, reason: 'no better than the first' }] : [] };
  },
});

for (const { name, law, run } of schedulerLaws(jealous, { family: 'asha', only: ['D9'] })) test(`${name}: ${law}`, () => run());
