import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTrainable, gridSearch, run } from 'attune';
import { workers } from './chosen-executor.mjs';
import { printGrid } from './print-grid.mjs';

const blockUntil = (done) => {
  while (!done());
};
const ways = {
  'blocks for ever': () => blockUntil(() => false),
  'swallows the stop': async (trial) => {
    for (;;) await trial.report({ loss: 1 }).catch(() => sleep(5));
  },
  'polls the signal': async (trial) => {
    await trial.report({ loss: 0 });
    writeFileSync('polls', '');
    blockUntil(() => trial.signal.aborted);
    throw new Error('its own words');
  },
  'listens to the signal': async (trial) => {
    await trial.report({ loss: 0 });
    writeFileSync('listens', '');
    await new Promise((_, reject) => trial.signal.addEventListener('abort', () => reject(new Error('its own words'))));
  },
  'ends by itself': async () => {
    while (!existsSync('polls') || !existsSync('listens')) await sleep(5);
    return { loss: 2 };
  },
};
const ends = defineTrainable(import.meta.url, ({ way }, trial) => ways[way](trial), { name: 'ends' });

/** Stops the second trial at its first report, and those that reported once the last one has completed. */
const stopper = {
  name: 'stopper',
  uses: ['stop'],
  init: () => [],
  decide(reported, event) {
    if (event.kind === 'reported' && event.losses[0] === 1)
      return { state: reported, decisions: [{ kind: 'stop', trial: event.trial, reason: 'at a report' }] };
    if (event.kind === 'reported' && event.losses[0] === 0) return { state: [...reported, event.trial], decisions: [] };
    if (event.kind === 'completed') return { state: [], decisions: reported.map((trial) => ({ kind: 'stop', trial, reason: 'between reports' })) };
    return { state: reported, decisions: [] };
  },
};

const grid = await run(ends, {
  config: { way: gridSearch(Object.keys(ways)) },
  metric: 'loss',
  mode: 'min',
  scheduler: stopper,
  trialTimeoutS: 3,
  stopGraceS: 0.5,
  executor: workers({ workers: 5 }),
  verbose: 0,
});
printGrid(grid);
