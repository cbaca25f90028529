import { execFile } from 'node:child_process';
import { cp, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installTarball } from '../package/install-tarball.ts';

const exec = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');

interface Output {
  readonly code: number;
  readonly text: string;
}

let project: string;
beforeAll(async () => {
  ({ project } = await installTarball());
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** Runs Node in the project; never rejects. */
async function node(...args: readonly string[]): Promise<Output> {
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0' };
  return exec(process.execPath, args, { cwd: project, env, maxBuffer: 2 ** 26 }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    ({ code, stdout = '', stderr = '' }: { code?: unknown; stdout?: string; stderr?: string }) => ({ code: Number(code), text: stdout + stderr }),
  );
}

describe('without fast-check', () => {
  test('attune/testing is imported, and what is no law works', async () => {
    const { code, text } = await node('--input-type=module', '-e', `import { branin } from 'attune/testing'; console.log(branin.dimensions);`);
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/^\S+\n$/) as string });
  });

  test('a law says what to install', async () => {
    const script = `import { schedulerLaws } from 'attune/testing'; import { fifo } from 'attune/schedulers';
      const [check] = schedulerLaws(fifo, { family: 'other' });
      await check.run().catch((error) => console.log(error.code, error.message));`;
    expect((await node('--input-type=module', '-e', script)).text).toMatch(
      /^PACKAGE_MISSING attune\/testing: expected fast-check .* Hint: Run npm i -D fast-check\. /,
    );
  });
});

describe('the same file of laws', () => {
  beforeAll(async () => {
    await exec('npm', ['install', '--no-audit', '--no-fund', 'jest@30', 'fast-check@4'], { cwd: project });
    await symlink(join(root, 'node_modules/vitest'), join(project, 'node_modules/vitest'), 'junction');
    await cp(join(import.meta.dirname, 'laws.mjs'), join(project, 'laws.test.mjs'));
    await cp(join(import.meta.dirname, 'broken.mjs'), join(project, 'broken.test.mjs'));
  });

  const runners: readonly (readonly [string, (file: string) => Promise<Output>])[] = [
    ['vitest', (file) => node(join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--globals', '--root', '.', file)],
    ['node:test', (file) => node('--test', file)],
    ['Jest', (file) => node('--experimental-vm-modules', 'node_modules/jest/bin/jest.js', file)],
  ];

  test.each(runners)('is green under %s, with laws that are skipped', async (_name, run) => {
    const { code, text } = await run('laws.test.mjs');
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/skipped/);
  });

  test.each(runners)('a broken scheduler is red under %s, and its world is printed', async (_name, run) => {
    const { code, text } = await run('broken.test.mjs');
    expect(code).not.toBe(0);
    expect(text).toContain('law D9');
    expect(text).toMatch(/As a test:/);
  });
});
