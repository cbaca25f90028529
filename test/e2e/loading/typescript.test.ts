import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { node, Projects, sources, stripsTypes } from './installed-project.ts';

/** What workers do with a module that Node itself may not load, while the main program needs not load it at all. */

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects.close());
afterEach(() => vi.unstubAllEnvs());

type Outcome =
  | number
  | { readonly code: string; readonly hint: string; readonly message: string; readonly cause?: { readonly code?: string; readonly message: string } };

const define = (loss: string): string =>
  `import { defineTrainable } from 'attune';\nexport const named = defineTrainable(import.meta.url, () => ({ loss: ${loss} }), { name: 'named' });\n`;

/** Modules that vitest, tsx and bundlers load. Each of them reports 7. */
const MODULES: Readonly<Record<string, string>> = {
  'types-only.ts': `const seven: number = 7;\n${define('seven')}`,
  'enum.ts': `enum Count { Seven = 7 }\n${define('Count.Seven')}`,
  'namespace.ts': `namespace Count { export const seven = 7; }\n${define('Count.seven')}`,
  'parameter-property.ts': `class Count { constructor(readonly seven: number) {} }\n${define('new Count(7).seven')}`,
  'decorator.ts':
    `const seven = (_: unknown, _context: unknown) => 7 as never;\nclass Count { @seven method(): void {} }\n${define('Count.prototype.method as unknown as number')}`
      .replace('7 as never', '(() => 7) as never')
      .replace('Count.prototype.method as unknown as number', '(new Count().method as unknown as () => number)()'),
  'paths.ts': `import { seven } from '@/seven.ts';\n${define('seven')}`,
  'paths-of-a-name.ts': `import { seven } from 'numbers';\n${define('seven')}`,
  'no-extension.ts': `import { seven } from './lib/seven';\n${define('seven')}`,
  'js-for-ts.ts': `import { seven } from './lib/seven.js';\n${define('seven')}`,
  'folder.ts': `import { seven } from './lib';\n${define('seven')}`,
  'type-import.ts': `import { seven, Seven } from './lib/seven.ts';\n${define('seven as Seven')}`,
  'jsx.tsx': `const React = { createElement: (_: string, { of }: { of: number }): number => of };\n${define('<seven of={7} /> as unknown as number')}`,
  'common/import-equals.ts': `import attune = require('attune');\nexports.named = attune.defineTrainable(__filename, () => ({ loss: 7 }), { name: 'named' });\n`,
  'imports-an-enum.ts': `import { Count } from './lib/enum.ts';\n${define('Count.Seven')}`,
  'imports-an-enum.mjs': `import { Count } from './lib/enum.ts';\n${define('Count.Seven')}`,
  'imports-a-decorator.mjs': `import { seven } from './lib/decorator.ts';\n${define('seven')}`,
  'waits-for-an-enum.ts': `const { Count } = await import('./lib/enum.ts');\n${define('Count.Seven')}`,
};

const FILES = {
  ...MODULES,
  'common/package.json': {},
  'lib/seven.ts': 'export type Seven = 7;\nexport const seven: Seven = 7;\n',
  'lib/index.ts': "export * from './seven.ts';\n",
  'lib/enum.ts': 'export enum Count { Seven = 7 }\n',
  'lib/decorator.ts':
    'const same = (value: unknown, _: unknown): never => value as never;\n@same class Count {}\nexport const seven: number = Count ? 7 : 0;\n',
  'tsconfig.json': { compilerOptions: { target: 'es2022', module: 'esnext', jsx: 'react', paths: { '@/*': ['./lib/*'], numbers: ['./lib/seven.ts'] } } },
};

/** In another folder than the project's, so that its tsconfig.json is found by the module alone. */
async function outcomes(project: string, modules: readonly string[]): Promise<Readonly<Record<string, Outcome>>> {
  await cp(sources('tune-named.mjs'), join(project, 'node_modules/start/tune-named.mjs'));
  const { stdout, stderr } = await node(join(project, 'node_modules/start'), 'tune-named.mjs', ...modules.map((module) => join(project, module)));
  expect(stderr.replace(/^.*ExperimentalWarning[\s\S]*?\n\(Use .*\n/gm, '')).toBe('');
  const found = Object.entries(JSON.parse(stdout) as Record<string, Outcome>);
  return Object.fromEntries(found.map(([path, outcome]) => [path.slice(project.length + 1), outcome]));
}

describe('a module that Node cannot load', () => {
  test.each(['threads', 'processes'])('is loaded by the tsx of its project, in %s', async (executor) => {
    vi.stubEnv('EXECUTOR', executor);
    const project = await projects.make(undefined, { files: FILES, links: ['tsx'] });
    expect(await outcomes(project, Object.keys(MODULES))).toEqual(Object.fromEntries(Object.keys(MODULES).map((module) => [module, 7])));
  });

  test('is refused without tsx, by an error that says how to install it and keeps what Node said', async () => {
    const project = await projects.make(undefined, { files: FILES });
    const found = await outcomes(
      project,
      Object.keys(MODULES).filter((module) => !module.endsWith('.mjs')),
    );
    if (stripsTypes) expect(found['types-only.ts']).toBe(7);
    const { 'types-only.ts': _, ...refused } = found;
    for (const [module, outcome] of Object.entries(stripsTypes ? refused : found)) {
      expect([module, outcome]).toEqual([
        module,
        {
          code: expect.stringMatching(/^(PACKAGE_MISSING|TRAINABLE_UNREACHABLE)$/),
          hint: expect.stringContaining('npm i -D tsx'),
          message: expect.any(String),
          cause: expect.anything(),
        },
      ]);
    }
    const codes = Object.fromEntries(Object.entries(found).map(([module, outcome]) => [module, typeof outcome === 'number' ? outcome : outcome.code]));
    if (stripsTypes) expect(codes).toMatchObject({ 'enum.ts': 'PACKAGE_MISSING', 'imports-an-enum.ts': 'PACKAGE_MISSING', 'jsx.tsx': 'PACKAGE_MISSING' });
    else expect(new Set(Object.values(codes))).toEqual(new Set(['PACKAGE_MISSING']));
  });
});

describe('a module that fails by itself', () => {
  const count = "import { appendFileSync } from 'node:fs';\nappendFileSync('evaluated.txt', 'x');\n";
  const FAILING = {
    'throws.ts': `${count}throw new Error('mine');\n${define('1 as number')}`,
    'throws.mjs': `${count}throw new Error('mine');\n${define('1')}`,
    'parses.ts': `${count}JSON.parse('{');\n${define('1 as number')}`,
    'throws-a-code.ts': `${count}throw Object.assign(new Error('mine'), { code: 'ERR_MODULE_NOT_FOUND' });\n${define('1 as number')}`,
    'lacks-a-package.ts': `import no from 'no-such-package';\n${count}${define('no as number')}`,
    'lacks-a-package.mjs': `import no from 'no-such-package';\n${count}${define('no')}`,
    'lacks-a-name.mjs': `import { no } from 'attune';\n${count}${define('no')}`,
    'is-no-typescript.ts': `const seven: = 7;\n${count}${define('7 as number')}`,
    'is-no-javascript.mjs': `const seven = ;\n${count}${define('7')}`,
  };
  const causes = {
    'throws.ts': 'mine',
    'throws.mjs': 'mine',
    'parses.ts': expect.stringContaining('JSON'),
    'throws-a-code.ts': 'mine',
    'lacks-a-package.ts': expect.stringContaining('no-such-package'),
    'lacks-a-package.mjs': expect.stringContaining('no-such-package'),
    'lacks-a-name.mjs': expect.stringContaining("'no'"),
    'is-no-typescript.ts': expect.stringMatching(/is-no-typescript\.ts|Expression expected|Unexpected/),
    'is-no-javascript.mjs': expect.stringContaining('Unexpected token'),
  };

  test.each(['threads', 'processes'])('keeps its error as the cause, and is evaluated once, in %s', async (executor) => {
    vi.stubEnv('EXECUTOR', executor);
    const project = await projects.make(undefined, { files: FAILING, links: ['tsx'] });
    const found = await outcomes(project, Object.keys(FAILING));
    expect(
      Object.fromEntries(Object.entries(found).map(([module, outcome]) => [module, typeof outcome === 'number' ? outcome : outcome.cause?.message])),
    ).toEqual(causes);
    expect(new Set(Object.values(found).map((outcome) => typeof outcome === 'number' || outcome.code))).toEqual(new Set(['TRAINABLE_UNREACHABLE']));
    expect(await readFile(join(project, 'node_modules/start/evaluated.txt'), 'utf8')).toBe('xxxx');
  });
});
