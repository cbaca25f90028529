import { expect, test } from 'vitest';
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
