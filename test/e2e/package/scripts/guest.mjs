// One way to use fit(), by name; prints what it leaves behind in this process, which has to end by itself.
import { defineTrainable, inline, isTrialWorker, processes, Tuner, threads, uniform } from 'attune';

export const guest = defineTrainable(
  import.meta.url,
  async ({ x, fails }, trial) => {
    for (let step = 1; step <= 3; step++) await trial.report({ loss: x / step });
    if (fails) throw new Error('this trial fails');
  },
  { name: 'guest' },
);

const [way, kind, storagePath] = process.argv.slice(2);
const executor = () => ({ inline, threads, processes })[kind]({ workers: 2 });
const fit = (name, { fails = false, callbacks = [], ...more } = {}, options) =>
  new Tuner(guest, {
    paramSpace: { x: uniform(0, 1), fails },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: 4, seed: 1, ...more },
    runConfig: { name, storagePath, executor: executor(), callbacks },
  }).fit(options);
const asking = () =>
  new Tuner(guest, {
    paramSpace: { x: uniform(0, 1), fails: false },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2 },
    runConfig: { name: 'asked', storagePath },
  });

const WAYS = {
  once: async () => [await fit('once')],
  'in turn': async () => [await fit('first'), await fit('second')],
  'side by side': async () => Promise.all([fit('left'), fit('right')]),
  'a dozen side by side': async () => Promise.all(Array.from({ length: 12 }, (_, i) => fit(`one of them, ${i}`))),
  'trials that fail': async () => [await fit('fails', { fails: true })],
  'aborted at the first report': async () => {
    const controller = new AbortController();
    const onEvent = ({ kind }) => kind === 'reported' && controller.abort();
    return [await fit('aborted', { numSamples: 1000, callbacks: [{ name: 'aborter', onEvent }] }, { signal: controller.signal })];
  },
  'out of time': async () => [await fit('late', { numSamples: 1000, timeBudgetS: 0.05 })],
  'a searcher that throws': async () => {
    const searchAlg = {
      name: 'thrower',
      suggest() {
        throw new Error('this searcher throws');
      },
    };
    const refused = await fit('thrower', { searchAlg }).catch((error) => error);
    if (!(refused instanceof Error)) throw new Error('expected an error');
    return [];
  },
  'a name that is taken': async () => {
    const first = await fit('taken');
    const refused = await fit('taken').catch((error) => error);
    if (!(refused instanceof Error)) throw new Error('expected an error');
    return [first];
  },
  'asked and told to the end': async () => {
    const tuner = asking();
    for (let trial = await tuner.ask(); trial !== undefined; trial = await tuner.ask()) await tuner.tell(trial.id, { loss: 1 });
    return [await tuner.getResults()];
  },
  'asked, and left there': async () => {
    const tuner = asking();
    await tuner.ask();
    return [await tuner.getResults()];
  },
};

const listeners = () =>
  Object.fromEntries(
    Object.entries({ process, stdout: process.stdout, stderr: process.stderr }).flatMap(([of, emitter]) =>
      emitter.eventNames().map((event) => [`${of} ${String(event)}`, emitter.listenerCount(event)]),
    ),
  );
// What is being read or closed, or waits for the next turn of the event loop, ends by itself.
const resources = () => process.getActiveResourcesInfo().filter((type) => !['FSReqCallback', 'CloseReq', 'Immediate'].includes(type));
const state = () => ({ listeners: listeners(), resources: resources() });

if (!isTrialWorker) {
  const before = state();
  const grids = await WAYS[way]();
  const after = state();
  console.log(JSON.stringify({ before, after, trials: grids.map((grid) => grid.length) }));
}
