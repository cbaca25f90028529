import { defineTrainable, inline, processes, run, threads } from 'attune';

const look = defineTrainable(
  import.meta.url,
  (_, trial) => ({ loss: 1, device: trial.device ?? null, cpu: trial.resources.cpu ?? null, sees: process.env.CUDA_VISIBLE_DEVICES ?? null }),
  {
    name: 'look',
  },
);
const warnings = [];
process.on('warning', ({ message }) => warnings.push(message));
const outcomes = [];
for (const [name, options, resources] of JSON.parse(process.argv[2])) {
  const executor = { inline, processes, threads }[name](options);
  try {
    const grid = await run(look, { metric: 'loss', mode: 'min', numSamples: 2, executor, resources });
    outcomes.push([...grid].map(({ metrics: { device, cpu, sees } }) => ({ device, cpu, sees })));
  } catch (error) {
    outcomes.push(`${error.code} ${error.message}`);
  }
}
console.log(JSON.stringify({ outcomes, warnings }));
