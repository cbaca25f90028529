import { describe, expect, test } from 'vitest';
import { attune } from '../../src/cli/attune.ts';

test('--version prints the version, and nothing else', async () => {
  expect(await attune(['--version'], '1.2.3')).toEqual({ exitCode: 0, stdout: '1.2.3\n' });
  expect(await attune(['-v'], '1.2.3')).toEqual({ exitCode: 0, stdout: '1.2.3\n' });
});

test('--help prints how it is used', async () => {
  const { exitCode, stdout } = await attune(['--help'], '1.2.3');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Usage: attune');
});

test('without arguments the help goes to stderr, since nothing was done', async () => {
  const { exitCode, stdout, stderr } = await attune([], '1.2.3');
  expect(exitCode).toBe(2);
  expect(stdout).toBeUndefined();
  expect(stderr).toContain('Usage: attune');
});

test('an unknown command or option is named', async () => {
  expect(await attune(['tune'], '1.2.3')).toEqual({ exitCode: 2, stderr: 'attune: Unknown command "tune".\nTry: attune --help\n' });
  expect((await attune(['--frobnicate'], '1.2.3')).stderr).toContain('--frobnicate');
});

describe('attune resume', () => {
  test('--help says how it is used, and is listed', async () => {
    for (const args of [
      ['resume', '--help'],
      ['resume', 'dir', '-h'],
    ])
      expect((await attune(args, '1.2.3')).stdout).toContain('\nUsage: attune resume <dir> [--num-samples <n>] [--errored]\n');
    expect((await attune(['--help'], '1.2.3')).stdout).toMatch(/^ {2}resume +go on with/m);
  });

  test.each<[readonly string[], string]>([
    [[], 'expected one experiment directory, got 0'],
    [['a', 'b'], 'expected one experiment directory, got 2'],
    [['a', '--num-samples', 'many'], 'expected --num-samples to be an integer >= 1, or -1, got "many"'],
    [['a', '--num-samples', '0'], 'got "0"'],
    [['a', '--num-samples'], '--num-samples'],
    [['a', '--error'], '--error'],
    [['a', '--errored=yes'], '--errored'],
  ])('called wrongly, with %j, it says what is wrong, and ends with 2', async (args, problem) => {
    const { exitCode, stdout, stderr } = await attune(['resume', ...args], '1.2.3');
    expect([exitCode, stdout]).toEqual([2, undefined]);
    expect(stderr).toContain(problem);
    expect(stderr).toMatch(/\nTry: attune resume --help\n$/);
  });

  test('on what is no experiment it fails, and ends with 1', async () => {
    expect(await attune(['resume', 'test'], '1.2.3')).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/^attune resume: restore: expected .*\[EXPERIMENT_NOT_FOUND\]\n$/),
    });
  });
});
