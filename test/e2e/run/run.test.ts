import { readdirSync, readFileSync } from 'node:fs';
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
    const loss = (optimizer.lr * seed) / model.num_units / (epoch + 1);
    await trial.report({ train: { loss, epoch }, test: { loss: loss / 2, epoch } });
  }
  await trial.saveArtifact('last_ckpt.json', { epoch: num_epoch - 1 }, 'json');
});
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

test("the sweep of MLXP's page is one experiment of its 18 runs, which can be resumed like any other", { timeout: 120_000 }, async () => {
  const cwd = await project();
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

test('TypeScript that Node does not load, without tsx, says what to install', { timeout: 60_000 }, async () => {
  const cwd = await projects.make(undefined, { files: { 'train.ts': TRAIN } });
  const { code, stderr } = await attune(cwd, 'run', 'train.ts');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^attune run: expected Node .* or the package tsx to load .*train\.ts.*npm i -D tsx.*PACKAGE_MISSING/s),
  ]);
});
