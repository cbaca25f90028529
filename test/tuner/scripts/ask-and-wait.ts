import { limitConcurrency } from '../../../algorithms/limit-concurrency.ts';
import { random } from '../../../algorithms/random.ts';
import { Tuner, uniform } from '../../../src/index.ts';

/** A loop that asks for more than it tells, in a program that does nothing else. */
const [storagePath = '', way = ''] = process.argv.slice(2);
const tuner = new Tuner(() => 1, {
  paramSpace: { x: uniform(0, 1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 20, seed: 7, searchAlg: limitConcurrency(random(), way === 'many' ? 10 : 1) },
  runConfig: { storagePath, verbose: 0 },
});
const trial = await tuner.ask();
const refused = (): Promise<unknown> => tuner.ask().catch((error: Error) => console.log(error.message));

if (way === 'caught') {
  await refused();
  await refused();
  await Promise.all(Array.from({ length: 20 }, refused));
  await tuner.tell(trial?.id ?? '', 1);
  console.log((await tuner.ask())?.id);
} else if (way === 'many') {
  for (let i = 1; i < 10; i++) await tuner.ask();
  await refused();
} else if (way === 'told') {
  setTimeout(() => void tuner.tell(trial?.id ?? '', 1), 1);
  console.log((await tuner.ask())?.id);
} else {
  await tuner.ask();
  console.log('never');
}
