import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const exec = promisify(execFile);
const here = resolve(import.meta.dirname);
const root = resolve(here, '../../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> };
const ENTRIES = Object.keys(exports)
  .filter((entry) => !entry.endsWith('.json'))
  .map((entry) => `attune${entry.slice(1)}`);

/** An empty project with nothing but the packed package in it: no peer, no dev dependency. */
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'attune-tarball-'));
  const { stdout } = await exec('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], { cwd: root });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await exec('npm', ['install', '--no-audit', '--no-fund', `./${packed?.filename ?? ''}`], { cwd: project });
});

afterAll(() => rm(project, { recursive: true, force: true }));

const run = (...args: string[]) => exec(process.execPath, args, { cwd: project });

/** What tsc finds in the consumer and in our declarations; arquero's own declarations have faults that only `skipLibCheck` hides. */
const compile = async (...args: string[]): Promise<string[]> => {
  const found = await run(tsc, '--pretty', 'false', ...args).then(
    () => '',
    (error: { stdout?: string }) => error.stdout || String(error), // it exits with 2 when it has found something
  );
  return found.split('\n').filter((line) => line !== '' && !/^node_modules\/(arquero|@uwdata)\//.test(line));
};

describe('from JavaScript', () => {
  test.each(ENTRIES)('%s can be imported, and exports by name', async (entry) => {
    const { stdout, stderr } = await run('--input-type=module', '-e', `console.log(JSON.stringify(Object.keys(await import('${entry}'))))`);
    const names = JSON.parse(stdout) as string[];
    expect(names.length).toBeGreaterThan(0);
    expect(names).not.toContain('default');
    expect(stderr).toBe('');
  });

  test('the command is installed and runs', async () => {
    const { stdout } = await exec(join(project, 'node_modules/.bin/attune'), ['--version'], { cwd: project });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
    await expect(exec(join(project, 'node_modules/.bin/attune'), ['no-such-command'], { cwd: project })).rejects.toMatchObject({ code: 2 });
  });

  test.each(['consumer-inline.mjs', 'consumer-threads.mjs'])('%s tunes', async (script) => {
    await cp(join(here, script), join(project, script));
    const { stdout } = await run(script);
    expect(stdout.trim().split('\n').at(-1)).toBe('best: 3');
  });
});

describe('from TypeScript', () => {
  const settings = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    'false',
    '--exactOptionalPropertyTypes',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
  ];
  const resolutions = [
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ] as const;

  beforeAll(async () => {
    // What every TypeScript project for Node has: its types, from this repository instead of from the registry.
    for (const name of ['@types/node', 'undici-types']) {
      await mkdir(join(project, 'node_modules', name), { recursive: true });
      await cp(join(root, 'node_modules', name), join(project, 'node_modules', name), { recursive: true });
    }
    await cp(join(here, 'consumer.ts'), join(project, 'consumer.ts'));
    const imports = ENTRIES.map((entry, i) => `import * as entry${i} from '${entry}';\nexport type Entry${i} = keyof typeof entry${i};`);
    await writeFile(join(project, 'entries.ts'), imports.join('\n'));
  });

  test.each(resolutions)('every entry point compiles, its declarations checked too (%s)', async (resolution, module) => {
    expect(await compile(...settings, '--module', module, '--moduleResolution', resolution, '--types', 'node', 'entries.ts')).toEqual([]);
  });

  test.each(resolutions)('the consumer of the README compiles, and its mistakes do not (%s)', async (resolution, module) => {
    expect(await compile(...settings, '--module', module, '--moduleResolution', resolution, '--types', 'node', 'consumer.ts')).toEqual([]);
  });
});

test('holds the build and its sources, and nothing else', async () => {
  const files = await readdir(join(project, 'node_modules/attune'));
  expect(files.filter((file) => !['README.md', 'LICENSE', 'package.json', 'dist', 'src', 'docs', 'algorithms', 'schedulers'].includes(file))).toEqual([]);
  const built = await readdir(join(project, 'node_modules/attune/dist'));
  expect(built.filter((file) => !/^(index|algorithms|schedulers|tfjs|testing|analysis|cli|worker|shared-\w+)\.js(\.map)?$/.test(file))).toEqual(['types']);
});
