// EXECUTOR, TRAINABLE, DIR: a new experiment there of two trials. EXECUTOR restore DIR: goes on with the one that is there.
import { basename, dirname } from 'node:path';
import { gridSearch, processes, Tuner, threads } from 'attune';
import * as trainables from './train-with-artifacts.mjs';

const [, , kind, what, dir] = process.argv;
const executor = (kind === 'threads' ? threads : processes)({ workers: 2 });
const runConfig = { name: basename(dir), storagePath: dirname(dir), verbose: 0, executor };
const options = { paramSpace: { x: gridSearch([1, 2]) }, tuneConfig: { metric: 'loss', mode: 'min', seed: 7 }, runConfig };
const tuner = what === 'restore' ? await Tuner.restore(dir, trainables.byFunction, options) : new Tuner(trainables[what], options);
const grid = await tuner.fit();
process.stdout.write(JSON.stringify([...grid].map(({ status, path, error }) => ({ status, path, error: error?.message }))));
