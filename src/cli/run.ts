import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import { type Command, type Outcome, wrongUse } from './command.ts';
import { type Exports, loadModule } from './load-module.ts';
import { overriddenSpace } from './overridden-space.ts';
import { parseOverrides } from './overrides.ts';

const OPTIONS = {
  config: { type: 'string' },
  trainable: { type: 'string' },
  metric: { type: 'string' },
  mode: { type: 'string' },
  samples: { type: 'string' },
  workers: { type: 'string' },
  name: { type: 'string' },
  storage: { type: 'string' },
} as const;

type Values = Readonly<Partial<Record<keyof typeof OPTIONS, string>>>;

/** `attune run train.ts key=value,value`: a sweep from the command line. */
export const run: Command = {
  summary: 'run a trainable once for each combination of the values given',
  help: `attune run: run a trainable once for each combination of the values given

Usage: attune run <file> [key=value[,value]...]... [options]

  attune run train.ts model.num_units=2,3,4 optimizer.lr=10.,1. seed=1,2,3

makes 3 x 2 x 3 = 18 trials of one experiment. <file> exports a trainable made with
defineTrainable or definePhases, and if it likes the defaults of its configuration:
export const config = { … }. It is imported, so it should start nothing by itself.

Values are YAML: 3 and 1e-3 are numbers, true is a boolean, [1,2] is one value, 'a,b' in
quotes one text. range(0,10,2) is 0,2,4,6,8. Where there are defaults, a key that they
lack is written +key=value. More about it: docs/run.md.

Options:
  --config <file>     defaults of the configuration, in YAML or JSON, in place of those
                      that <file> exports
  --trainable <name>  which one, when <file> exports several
  --metric <name>     the metric that ranks trials, nested with /
  --mode <min|max>    its direction
  --samples <n>       run each combination n times; default 1
  --workers <n>       trials at once; default one per core
  --name <name>       name of the experiment; default made of trainable and time
  --storage <dir>     where its folder is made; default ./attune_results
  -h, --help          print this text

Exit code: 0; 1 when it could not be done or a trial failed; 2 when the call was wrong.
`,
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [file, ...texts] = positionals;
    if (file === undefined) throw wrongUse('expected the file of a trainable, got none.');
    if (file.includes('=')) throw wrongUse(`expected the file of a trainable first, got "${file}".`);
    return sweep(file, await parseOverrides(texts), optionsOf(values));
  },
};

interface Options {
  readonly given: Values;
  readonly samples?: number;
  readonly workers?: number;
}

function optionsOf(given: Values): Options {
  const { samples, workers, mode } = given;
  if (mode !== undefined && mode !== 'min' && mode !== 'max') throw wrongUse(`expected --mode to be min or max, got "${mode}".`);
  if ((given.metric === undefined) !== (mode === undefined)) throw wrongUse('expected --metric and --mode together, got one of them.');
  return { given, ...counted('samples', samples), ...counted('workers', workers) };
}

function counted(name: 'samples' | 'workers', text: string | undefined): Partial<Record<'samples' | 'workers', number>> {
  if (text === undefined) return {};
  if (!/^[1-9]\d*$/.test(text)) throw wrongUse(`expected --${name} to be an integer >= 1, got "${text}".`);
  return { [name]: Number(text) };
}

async function sweep(file: string, overrides: Awaited<ReturnType<typeof parseOverrides>>, { given, samples, workers }: Options): Promise<Outcome> {
  const { config, trainable, metric, mode, name, storage } = given;
  const stored = config === undefined ? undefined : await readDefaults(config);
  const exports = await loadModule('run', file);
  const chosen = trainableOf(file, exports, trainable);
  const space = overriddenSpace(stored ?? exportedDefaults(file, exports), overrides);
  const [{ Tuner }, { threads }] = await Promise.all([import('../tuner/tuner.ts'), import('../execute/threads.ts')]);
  const tuneConfig = {
    ...(metric === undefined ? {} : { metric }),
    ...(mode === undefined ? {} : { mode }),
    ...(samples === undefined ? {} : { numSamples: samples }),
  };
  const runConfig = {
    ...(name === undefined ? {} : { name }),
    ...(storage === undefined ? {} : { storagePath: storage }),
    ...(workers === undefined ? {} : { executor: threads({ workers }) }),
  };
  const grid = await new Tuner(chosen, { paramSpace: space as never, tuneConfig: tuneConfig as never, runConfig }).fit();
  return grid.interrupted === undefined && grid.hasErrors ? { exitCode: 1 } : {}; // of one that was interrupted the code is that of the signal
}

/** @throws {AttuneError} `TRAINABLE_INVALID` when the module exports none, or several and none was named */
function trainableOf(file: string, exports: Exports, wanted: string | undefined): TrainableRef {
  const all = Object.entries(exports).filter((entry): entry is [string, TrainableRef] => isTrainable(entry[1]));
  const found = wanted === undefined ? all : all.filter(([key, { name }]) => name === wanted || key === wanted);
  const different = [...new Set(found.map(([, ref]) => ref))];
  const [only, another] = different;
  if (only && another === undefined) return only;
  const names = [...new Set(all.map(([, { name }]) => `"${name}"`))].join(', ');
  const expected = wanted === undefined ? 'one trainable' : `the trainable "${wanted}"`;
  const got = different.length > 1 || (wanted !== undefined && names !== '') ? names : `${Object.keys(exports).join(', ') || 'nothing'}`;
  throw new AttuneError('TRAINABLE_INVALID', `run: expected ${resolve(file)} to export ${expected}, got ${got}.`, {
    hint: names === '' ? 'Write export const train = defineTrainable(import.meta.url, …).' : `Choose one with --trainable ${all[0]?.[1].name ?? ''}.`,
  });
}

const isTrainable = (value: unknown): value is TrainableRef =>
  typeof value === 'object' &&
  value !== null &&
  (value as Partial<TrainableRef>).kind === 'trainable' &&
  typeof (value as Partial<TrainableRef>).module === 'string';

function exportedDefaults(file: string, { config }: Exports): Readonly<Record<string, unknown>> | undefined {
  return config === undefined ? undefined : checkedDefaults(`the config that ${basename(file)} exports`, config);
}

/** @throws {AttuneError} `CONFIG_INVALID` for a file that cannot be read, or is no mapping */
async function readDefaults(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new AttuneError('CONFIG_INVALID', `run: expected YAML or JSON in ${resolve(file)}, got: ${message}.`, { cause });
  }
  return checkedDefaults(resolve(file), value);
}

function checkedDefaults(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new AttuneError('CONFIG_INVALID', `run: expected ${where} to hold keys and values, got ${describe(value)}.`, {
    hint: 'Write the defaults of the configuration: { optimizer: { lr: 1 }, seed: 0 }.',
  });
}
