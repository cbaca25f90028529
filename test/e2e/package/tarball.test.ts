import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';
import { installNodeTypes, installTarball } from './install-tarball.ts';

const here = resolve(import.meta.dirname);
const root = resolve(here, '../../..');

/** The oldest TypeScript that the README names. */
const OLDEST = '5.0.4';

const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> };
const ENTRIES = Object.keys(exports)
  .filter((entry) => !entry.endsWith('.json'))
  .map((entry) => `attune${entry.slice(1)}`);

let project: string;
let tarball: string;
beforeAll(async () => {
  ({ project, tarball } = await installTarball(`typescript@${OLDEST}`));
});
afterAll(() => rm(project, { recursive: true, force: true }));

const run = (...args: string[]) => runNode(args, { cwd: project });

describe('from JavaScript', () => {
  test.each(ENTRIES)('%s can be imported, and exports by name', async (entry) => {
    const { stdout, stderr } = await run('--input-type=module', '-e', `console.log(JSON.stringify(Object.keys(await import('${entry}'))))`);
    const names = JSON.parse(stdout) as string[];
    expect(names.length).toBeGreaterThan(0);
    expect(names).not.toContain('default');
    expect(stderr).toBe('');
  });

  test.each(ENTRIES)('%s can be required: it has no top-level await', async (entry) => {
    const { stdout, stderr } = await run('--input-type=commonjs', '-e', `console.log(typeof require('${entry}'))`);
    expect(stdout).toBe('object\n');
    expect(stderr).toBe('');
  });

  test('functions and classes are called as they are exported', async () => {
    const others = `console.log(JSON.stringify(Object.entries(require('attune')).filter(([name, { name: own }]) => own !== undefined && own !== name)))`;
    expect(JSON.parse((await run('--input-type=commonjs', '-e', others)).stdout)).toEqual([]);
  });

  test('the command is installed and runs', async () => {
    const command = join(project, 'node_modules/.bin/attune');
    expect((await run(command, '--version')).stdout).toMatch(/^\d+\.\d+\.\d+/);
    await expect(run(command, 'no-such-command')).rejects.toMatchObject({ code: 2 });
  });

  test.each(['consumer-inline.mjs', 'consumer-threads.mjs'])('%s tunes', async (script) => {
    await cp(join(here, script), join(project, script));
    const { stdout } = await run(script);
    expect(stdout.trim().split('\n').at(-1)).toBe('best: 3');
  });
});

describe('from TypeScript, in a strict project without the DOM, its libraries checked too', () => {
  const oldest = () => join(project, 'node_modules/typescript/bin/tsc');
  const ours = () => join(root, 'node_modules/typescript/bin/tsc');
  const settings = ['--noEmit', '--pretty', 'false', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--lib', 'es2022'];

  beforeAll(async () => {
    await installNodeTypes(project);
    await cp(join(here, 'consumer.ts'), join(project, 'consumer.ts'));
    const imports = ENTRIES.map((entry, i) => `import * as entry${i} from '${entry}';\nexport type Entry${i} = keyof typeof entry${i};`);
    await writeFile(join(project, 'entries.ts'), imports.join('\n'));
  });

  // Every two of these settings together, not every three.
  test.each([
    [OLDEST, oldest, 'nodenext', 'nodenext', 'true'],
    [OLDEST, oldest, 'bundler', 'esnext', 'false'],
    // From 6 on `types` is empty unless it is set: our declarations name Node's themselves.
    ['of this repository', ours, 'nodenext', 'nodenext', 'false'],
    ['of this repository', ours, 'bundler', 'esnext', 'true'],
  ] as const)('every entry point and the consumer compile, and its mistakes do not: TypeScript %s', async (_version, tsc, resolution, module, exact) => {
    const how = ['--moduleResolution', resolution, '--module', module, '--exactOptionalPropertyTypes', exact];
    const found = await run(tsc(), ...settings, ...how, 'entries.ts', 'consumer.ts').catch((error: { stdout?: string }) => error);
    expect(found.stdout).toBe('');
  });
});

describe('what is in it', () => {
  test('the build and its sources, the font of plots, licences, and nothing else', async () => {
    const files = await readdir(join(project, 'node_modules/attune'));
    expect(files.sort()).toEqual(['LICENSE', 'README.md', 'algorithms', 'dist', 'docs', 'package.json', 'schedulers', 'src']);
    const built = (await readdir(join(project, 'node_modules/attune/dist'))).sort();
    expect(
      built.filter(
        (file) => !/^(index|algorithms|schedulers|tfjs|testing|analysis|cli|worker|process-worker|watchdog|try-backend|shared-\w+)\.js(\.map)?$/.test(file),
      ),
    ).toEqual(['DejaVuSans-LICENSE.txt', 'DejaVuSans.ttf', 'types']);
  });

  test('every source that a map names', async () => {
    const packed = join(project, 'node_modules/attune');
    const files = new Set(await readdir(packed, { recursive: true }));
    const maps = [...files].filter((file) => file.endsWith('.map'));
    const named = maps.map(async (map) => {
      const { sources } = JSON.parse(await readFile(join(packed, map), 'utf8')) as { sources: string[] };
      return sources.map((source) => relative(packed, resolve(packed, dirname(map), source)));
    });
    const sources = (await Promise.all(named)).flat();
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((source) => !files.has(source))).toEqual([]);
  });

  test('what publint wants', async () => {
    expect((await run(join(root, 'node_modules/publint/src/cli.js'), tarball, '--strict')).stdout).toContain('All good!');
  });

  test('types that every way of importing ES modules finds, says attw', async () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const { stdout } = await run(attw, tarball, '--profile', 'esm-only', '--format', 'json');
    const { analysis } = JSON.parse(stdout) as { analysis: { entrypoints: Record<string, unknown> } };
    expect(Object.keys(analysis.entrypoints).sort()).toEqual(Object.keys(exports).sort());
  });
});
