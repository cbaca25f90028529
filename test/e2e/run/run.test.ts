import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { node, Projects } from '../loading/installed-project.ts';

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects.close());

/** The trainable of MLXP's page, in TypeScript that no Node loads by itself. */
const TRAIN = `
import { defineTrainable, type TrialContext } from 'attune';

enum Device { Cpu = 'cpu' }
export const config = { data: { device: Device.Cpu as string, d_int: 10 }, model: { num_units: 100 }, optimizer: { lr: 10 }, num_epoch: 3, seed: 0 };

export const train = defineTrainable(import.meta.url, async function train({ model, optimizer, num_epoch, seed }: typeof config, trial: TrialContext) {
  if (seed === 666) throw new Error('bad luck');
  for (let epoch = 0; epoch < num_epoch; epoch++) {
    const loss = (Math.abs(optimizer.lr - (model.num_units === 3 ? 10 : 1)) + seed) / model.num_units / (epoch + 1);
    await trial.report({ train: { loss, epoch }, test: { loss: loss / 2, epoch } });
  }
  await trial.saveArtifact('last_ckpt.json', { epoch: num_epoch - 1 }, 'json');
});
`;

/** The page's story with the reader, as a user would write it. */
const STORY = `
import { Reader } from 'attune';
import { inspect } from 'node:util';

const reader = await Reader.open('attune_results/page');
const results = reader.filter("info.status == 'COMPLETE' & config.model.num_units < 4");
const [row] = results;
const lazy = inspect(row).match(/^  .*(METRIC|ARTIFACT)'/gm).length;
const mean = (lists) => lists[0].map((_, k) => lists.reduce((sum, list) => sum + list[k], 0) / lists.length);
const argmin = (lists) => lists.map((list) => list.at(-1) === Math.min(...lists.map((other) => other.at(-1))));
const byRate = results.groupBy(['config.optimizer.lr']);
const grouped = reader.filter().groupBy(['config.model.num_units', 'config.optimizer.lr']);
const best = grouped.aggregate([mean, 'train.loss']).filter([argmin, 'fmean.train.loss'], { byGroups: ['config.model.num_units'] });
const tested = grouped.select(best.keys()).aggregate([mean, 'test.loss']);
console.log(JSON.stringify({
  length: reader.length,
  fields: Object.fromEntries(reader.fields()),
  searchable: [...reader.searchable().keys()],
  filtered: results.length,
  lazy,
  info: Object.fromEntries(Object.entries(row).filter(([name]) => name.startsWith('info.'))),
  epochs: row['train.epoch'],
  artifact: await row['artifact.json.']['last_ckpt.json'].load(),
  diff: results.diff(),
  groups: [...byRate].map(([key, frame]) => [key, frame.length]),
  means: byRate.aggregate([mean, ['train.loss', 'train.epoch']]).get(10).columns(),
  best: best.keys(),
  tested: tested.toTable().objects(),
  printed: inspect(tested),
}));
`;

const project = (files: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  projects.make(undefined, { files: { 'train.ts': TRAIN, ...files }, links: ['tsx'] });
const attune = (cwd: string, ...args: readonly string[]) => node(cwd, 'node_modules/attune/dist/cli.js', ...args);

interface Line {
  readonly kind: string;
  readonly config?: { readonly model: { readonly num_units: unknown }; readonly optimizer: { readonly lr: unknown }; readonly seed: unknown };
}
const journal = (dir: string): readonly Line[] =>
  readFileSync(join(dir, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

test("the sweep of MLXP's page is one experiment of its 18 runs, of which the reader tells the page's story, and which can be resumed like any other", {
  timeout: 120_000,
}, async () => {
  const cwd = await project({ 'story.mjs': STORY });
  const sweep = ['run', 'train.ts', 'model.num_units=2,3,4', 'optimizer.lr=10.,1.', 'seed=1,2,3'];
  const { code, stdout, stderr } = await attune(cwd, ...sweep, '--name', 'page', '--workers', '2', '--metric', 'test/loss', '--mode', 'min');
  expect([code, stdout], stderr).toEqual([0, '']);
  expect(stderr).toContain('18 trials: 18 completed (all trials have ended)');

  const dir = join(cwd, 'attune_results/page');
  const configs = journal(dir).flatMap(({ kind, config }) => (kind === 'queued' && config ? [config] : []));
  const runs = configs.map(({ model, optimizer, seed }) => JSON.stringify([model.num_units, optimizer.lr, seed]));
  const page = [1, 2, 3].flatMap((seed) => [10, 1].flatMap((lr) => [2, 3, 4].map((units) => JSON.stringify([units, lr, seed]))));
  expect(runs).toEqual(page);
  expect(configs[0]).toMatchObject({ data: { device: 'cpu', d_int: 10 }, num_epoch: 3 });
  const artifacts = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(join('artifacts', 'json', 'last_ckpt.json')));
  expect(artifacts).toHaveLength(18);
  expect(journal(dir)[1]).toMatchObject({
    ...{ kind: 'opened', workDir: cwd, file: join(cwd, 'train.ts') },
    cmd: expect.stringMatching(/cli\.js run train\.ts model\.num_units=2,3,4 optimizer\.lr=10\.,1\. seed=1,2,3 --name page/),
  });

  const told = await Promise.all([1, 2, 3].map(() => node(cwd, 'story.mjs'))); // all at once make the index
  expect(told.map(({ code, stderr: said }) => [code, said])).toEqual(Array(3).fill([0, '']));
  expect(new Set(told.map(({ stdout: text }) => text)).size).toBe(1);
  expect(readdirSync(dir).filter((name) => name.startsWith('database'))).toEqual(['database.json']);
  const story = JSON.parse(told[0]?.stdout ?? '') as Readonly<Record<string, unknown>>;
  expect(story).toMatchObject({
    length: 18,
    fields: {
      ...{ 'artifact.json.': 'ARTIFACT', 'config.data.d_int': 'int', 'config.data.device': 'str', 'config.model.num_units': 'int' },
      ...{ 'info.status': 'str', 'test.epoch': 'METRIC', 'test.loss': 'METRIC', 'train.epoch': 'METRIC', 'train.loss': 'METRIC' },
    },
    filtered: 12,
    info: {
      ...{ 'info.status': 'COMPLETE', 'info.trial_status': 'TERMINATED', 'info.log_id': 0, 'info.work_dir': cwd, 'info.executable': process.execPath },
      ...{ 'info.current_file_path': join(cwd, 'train.ts'), 'info.hostname': hostname(), 'info.cmd': expect.stringContaining('run train.ts') as string },
    },
    epochs: [0, 1, 2],
    artifact: { epoch: 2 },
    diff: ['config.model.num_units', 'config.optimizer.lr', 'config.seed'],
    groups: [
      [[1], 6],
      [[10], 6],
    ],
    means: ['fmean.train.loss', 'fmean.train.epoch'],
    best: [
      [2, 1],
      [3, 10],
      [4, 1],
    ],
    tested: [2, 3, 4].map((units, i) => ({
      ...{ 'config.model.num_units': units, 'config.optimizer.lr': [1, 10, 1][i] },
      'fmean.test.loss': [1, 2, 3].map((epoch) => expect.closeTo(1 / units / epoch, 12) as number), // the mean of the seeds is 2
    })),
    printed: expect.stringMatching(/^ +fmean\.test\.loss\nconfig\.model\.num_units +config\.optimizer\.lr\n2 +1 +0 +\[0\.5, 0\.25, /) as string,
  });
  const { searchable, fields, lazy } = story as { searchable: string[]; fields: Record<string, string>; lazy: number };
  expect(searchable).toEqual(Object.keys(fields).filter((name) => /^(config|info)\./.test(name)));
  expect(lazy).toBe(Object.values(fields).filter((type) => type === 'METRIC' || type === 'ARTIFACT').length);

  const resumed = await attune(cwd, 'resume', 'attune_results/page', '--num-samples', '2');
  expect(resumed.stderr).toContain('36 trials: 36 completed');
  expect((await attune(cwd, ...sweep, '--name', 'page')).stderr).toContain('EXPERIMENT_EXISTS');
});

test('defaults come from a file of YAML, one trainable of several is chosen, and a trial that fails makes the exit code 1', { timeout: 120_000 }, async () => {
  const cwd = await project({
    'two.mjs': `
import { defineTrainable } from 'attune';
const of = (name) => defineTrainable(import.meta.url, ({ x, nested }) => { if (x === 2) throw new Error('two'); return { loss: x + nested.y }; }, { name });
export const one = of('one');
export const other = of('another');
`,
    'config.yaml': '# defaults\nx: 1\nnested: { y: 1.5 }\n',
  });
  const chosen = ['run', 'two.mjs', '--config', 'config.yaml', '--trainable', 'another', '--name', 'it', '--storage', 'here'];
  const { code, stderr } = await attune(cwd, ...chosen, 'x=1,2,3', '+more=a b');
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/^Tuning another: /);
  expect(stderr).toContain('3 trials: 2 completed, 1 failed');
  const queued = journal(join(cwd, 'here/it')).filter(({ kind }) => kind === 'queued');
  expect(queued.map(({ config }) => config)).toEqual([1, 2, 3].map((x) => ({ x, nested: { y: 1.5 }, more: 'a b' })));

  const unknown = await attune(cwd, ...chosen, 'nested.z=1');
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('expected a key of the defaults under "nested" (y), got "nested.z"') });
});

test('the page of the guide: its file, with its command', { timeout: 60_000 }, async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/run.md'), 'utf8');
  const [, command = ''] = /```sh\nnpx attune (.*)\n/.exec(page) ?? [];
  const [, code = ''] = /```ts\n([^]*?)```/.exec(page) ?? [];
  const cwd = await project({ 'train.ts': code });
  const { stderr } = await attune(cwd, ...command.split(' '));
  expect(stderr).toContain('18 trials: 18 completed (all trials have ended)');
});

test('a package without "type": "module", as npm init makes it', { timeout: 60_000 }, async () => {
  const cwd = await project({ 'package.json': { name: 'consumer' } });
  const { code, stderr } = await attune(cwd, 'run', 'train.ts', 'seed=1,2', '--name', 'plain');
  expect([code, journal(join(cwd, 'attune_results/plain')).filter(({ kind }) => kind === 'completed').length], stderr).toEqual([0, 2]);
});

test('TypeScript that Node does not load, without tsx, says what to install', { timeout: 60_000 }, async () => {
  const cwd = await projects.make(undefined, { files: { 'train.ts': TRAIN } });
  const { code, stderr } = await attune(cwd, 'run', 'train.ts');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^attune run: expected Node .* or the package tsx to load .*train\.ts.*npm i -D tsx.*PACKAGE_MISSING/s),
  ]);
});
