import { inline, run } from 'attune';

// A trial that does not stop when it is told to, so that a second signal finds the run still going on.
process.once('SIGINT', () => setImmediate(() => console.log('first signal'))); // when everyone has heard of it
await run(
  async (_, trial) => {
    await trial.report({ loss: 1 });
    setInterval(() => {}, 1000);
    await new Promise(() => {});
  },
  { name: 'run', metric: 'loss', mode: 'min', storagePath: process.env.FOLDER, stopGraceS: 1000, executor: inline() },
);
