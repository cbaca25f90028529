import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** What a room may import besides itself: rooms of ours, npm packages, and modules of Node (`*`: any). */
interface Row {
  readonly ours: readonly string[];
  readonly npm?: readonly string[];
  readonly node?: readonly string[];
}

const FILES = ['crypto', 'fs', 'fs/promises', 'os', 'path', 'url'];
const DATA = ['src/base', 'src/space', 'src/trial', 'src/checkpoint'];
const LOOP = [...DATA, 'src/search', 'src/trainable', 'src/execute', 'src/schedule', 'src/store', 'src/watch', 'src/results', 'algorithms', 'schedulers'];
const ALL = [...LOOP, 'src/results/reader', 'src/tuner', 'src/experiments', 'src/analysis', 'src/analysis/plots'];

/** The architecture. Read from top to bottom it is the flow of the data: a room knows what it is handed, never what becomes of its answer. */
const ROOMS: Readonly<Record<string, Row>> = {
  'src/base': { ours: [], npm: ['seedrandom'] },
  'src/space': { ours: ['src/base'] },
  'src/search': { ours: ['src/base', 'src/space'] },
  'src/trial': { ours: ['src/base', 'src/space'] },
  'src/checkpoint': { ours: ['src/base'], node: FILES },
  'src/trainable': { ours: DATA, node: [...FILES, 'timers', 'worker_threads'] },
  'src/execute': { ours: [...DATA, 'src/trainable'], npm: ['piscina'], node: ['*'] },
  'src/schedule': { ours: ['src/base', 'src/space', 'src/trial'] },
  'src/store': { ours: ['src/base', 'src/trial', 'src/checkpoint'], node: FILES },
  'src/watch': { ours: [...DATA, 'src/store'], npm: ['string-width'], node: [...FILES, 'module'] },
  'src/results': { ours: [...DATA, 'src/store'], npm: ['@uwdata/flechette', 'arquero', 'hyparquet-writer'], node: [...FILES, 'module'] },
  'src/results/reader': { ours: [...DATA, 'src/store', 'src/results'], npm: ['yaml'], node: [...FILES, 'module', 'os'] },
  'src/analysis': { ours: ['src/base', 'src/space', 'src/results'] },
  'src/analysis/plots': {
    ours: ['src/base', 'src/space', 'src/results', 'src/analysis'],
    npm: ['vega', 'vega-lite', '@resvg/resvg-js'],
    node: [...FILES, 'module'],
  },
  'src/analysis/index.ts': { ours: ['src/base', 'src/analysis', 'src/analysis/plots'] },
  'src/tuner': { ours: LOOP, node: [...FILES, 'child_process', 'diagnostics_channel', 'perf_hooks', 'process'] },
  'src/experiments': { ours: [...LOOP, 'src/tuner'], node: FILES },
  'src/tfjs': { ours: ['src/base', 'src/trainable', 'src/checkpoint'], npm: ['@tensorflow/*'], node: [...FILES, 'async_hooks', 'module', 'worker_threads'] },
  'src/tfjs/build': { ours: ['src/base', 'src/tfjs'], node: ['*'] },
  'src/testing': { ours: ALL, npm: ['fast-check'] },
  'src/cli': { ours: [...ALL, 'src/tfjs', 'src/tfjs/build', 'src/testing'], npm: ['*'], node: ['*'] },
  'src/index.ts': { ours: ALL },
  algorithms: { ours: ['src/base', 'src/space', 'src/search'] },
  schedulers: { ours: ['src/base', 'src/space', 'src/trial', 'src/schedule'] },
};

/** Single files that may import more than their room. */
const FILES_OF_THEIR_OWN: Readonly<Record<string, Row>> = {
  'src/base/expression.ts': { ours: [], npm: ['mathjs'], node: ['module'] },
  'src/base/dawn.ts': { ours: [], npm: ['webgpu'], node: ['fs', 'module'] },
  'src/base/make-directory.ts': { ours: [], node: ['fs', 'path'] },
};

const ROOT = [
  ...['src', 'algorithms', 'schedulers', 'examples', 'test', 'bench', 'docs', 'scripts'],
  ...['README.md', 'LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md', 'package.json', 'package-lock.json'],
  ...['tsconfig.json', 'tsconfig.build.json', 'biome.json', 'eslint.config.js', 'vitest.config.ts'],
];

const FORBIDDEN_NAMES = /(^|\/)(utils?|helpers?|common|misc|managers?)(\.ts$|\/)|(^|\/)types\.ts$/;

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((file) => join(folder, file))
        .filter((file) => file.endsWith('.ts'))
        .sort()
    : [];

const shipped = ['src', 'algorithms', 'schedulers'].flatMap(filesIn);

const roomOf = (file: string): string => {
  const parts = file.split('/');
  const depths = [3, 2, 1].map((depth) => parts.slice(0, depth).join('/'));
  return depths.find((folder) => folder in ROOMS) ?? dirname(file);
};

interface Imports {
  readonly ours: readonly string[];
  readonly npm: readonly string[];
  readonly node: readonly string[];
}

const importsOf = (file: string): Imports => {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  const names = importedFiles.map(({ fileName }) => fileName);
  return {
    ours: names.filter((name) => name.startsWith('.')).map((name) => normalize(join(dirname(file), name))),
    npm: names.filter((name) => !name.startsWith('.') && !name.startsWith('node:')),
    node: names.filter((name) => name.startsWith('node:')).map((name) => name.slice('node:'.length)),
  };
};

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

const fits = (name: string, allowed: readonly string[] = []): boolean =>
  allowed.some((pattern) => pattern === '*' || pattern === name || (pattern.endsWith('/*') && name.startsWith(pattern.slice(0, -1))));

describe('rooms', () => {
  test('every folder of src has a row, so no folder escapes', () => {
    const folders = readdirSync('src', { withFileTypes: true }).map(({ name }) => `src/${name}`);
    expect(folders.filter((folder) => !(folder in ROOMS))).toEqual([]);
  });

  test('a room imports only the rooms that its row allows', () => {
    const wrong = shipped.flatMap((file) =>
      importsOf(file)
        .ours.filter((to) => roomOf(to) !== roomOf(file) && !ROOMS[roomOf(file)]?.ours.includes(roomOf(to)))
        .map((to) => `${file} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('a room imports only the packages and the modules of Node that its row allows', () => {
    const wrong = shipped.flatMap((file) => {
      const { npm, node } = importsOf(file);
      const row = FILES_OF_THEIR_OWN[file] ?? ROOMS[roomOf(file)];
      const packages = npm.filter((name) => !fits(packageOf(name), row?.npm));
      const modules = node.filter((name) => !fits(name, row?.node)).map((name) => `node:${name}`);
      return [...packages, ...modules].map((name) => `${file} -> ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  test('nobody imports a test, an example, an index, or something outside the three shipped folders', () => {
    const wrong = shipped.flatMap((file) =>
      importsOf(file)
        .ours.filter((to) => !shipped.includes(to) || to.endsWith('/index.ts'))
        .map((to) => `${file} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the parts of an algorithm or a scheduler belong to it: only `tpe.ts` imports from `tpe/`', () => {
    const wrong = shipped.flatMap((file) =>
      importsOf(file)
        .ours.filter((to) => /^(algorithms|schedulers)\/[^/]+\//.test(to))
        .filter((to) => file !== `${dirname(to)}.ts` && dirname(file) !== dirname(to))
        .map((to) => `${file} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

test('no import cycle between files, types included', () => {
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done' || !existsSync(file)) return;
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const to of importsOf(file).ours) visit(to, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of shipped) visit(file, []);
  expect(cycles).toEqual([]);
});

test('the dependencies are the packages that are imported, and no others', () => {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<'dependencies' | 'peerDependencies', object>;
  const required = (file: string): string[] => [...readFileSync(file, 'utf8').matchAll(/\brequire\('([^']+)'\)/g)].map(([, name = '']) => name);
  const loaded = shipped.flatMap((file) => [...importsOf(file).npm, ...required(file).filter((name) => !/^(\.|node:)/.test(name))]);
  const packages = new Set(loaded.map(packageOf).filter((name) => !(name in peerDependencies)));
  expect(Object.keys(dependencies)).toEqual([...packages].sort());
});

describe('outside the package', () => {
  test('examples import attune by name, and nothing of ours by path', () => {
    const wrong = filesIn('examples').flatMap((file) =>
      importsOf(file)
        .ours.filter((to) => !to.startsWith('examples/'))
        .map((to) => `${file} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the tests of the built package do not touch its sources', () => {
    const wrong = filesIn('test/e2e').flatMap((file) =>
      importsOf(file)
        .ours.filter((to) => shipped.includes(to))
        .map((to) => `${file} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  test('are named after what they hold', () => {
    const everywhere = ['src', 'algorithms', 'schedulers', 'test', 'examples', 'bench', 'scripts'].flatMap(filesIn);
    expect(everywhere.filter((file) => FORBIDDEN_NAMES.test(file))).toEqual([]);
    expect(everywhere.filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
  });

  test('have at most 400 lines', () => {
    const lines = (file: string): number => readFileSync(file, 'utf8').trimEnd().split('\n').length;
    expect(shipped.filter((file) => lines(file) > 400)).toEqual([]);
  });

  test('only what belongs there lies at the top of the repository', () => {
    const ignored = readFileSync('.gitignore', 'utf8').split('\n').filter(Boolean);
    const isIgnored = (name: string): boolean =>
      ignored.some((line) => line.replace(/\/$/, '') === name || (line.startsWith('*') && name.endsWith(line.slice(1))));
    const stray = readdirSync('.').filter((name) => !name.startsWith('.') && !ROOT.includes(name) && !isIgnored(name));
    expect(stray).toEqual([]);
  });
});
