import { readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameKey } from '../../src/base/portable-name.ts';
import { temporaryName } from '../../src/checkpoint/save-checkpoint.ts';
import type { Config, TrialContext } from '../../src/index.ts';
import { choice, defineTrainable, inline, Tuner } from '../../src/index.ts';
import { checkpointName } from '../../src/trial/rows.ts';
import { experimentName } from '../../src/tuner/experiment-name.ts';
import { hostileText, wrongWith } from '../base/hostile-names.ts';
import { temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { storagePath, verbose: 0 } as const;
const tuneConfig = { metric: 'loss', mode: 'min', seed: 7 } as const;

/** What is wrong with the names in a folder and below it, and which of them are one where case does not count. */
function wrongIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const keys = entries.map(({ name }) => nameKey(name));
  return [
    ...entries.flatMap(({ name }) => wrongWith(name).map((problem) => `${name} ${problem}`)),
    ...entries.filter((_, i) => keys.indexOf(keys[i] as string) !== i).map(({ name }) => `${name} is there twice`),
    ...entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => wrongIn(join(folder, name))),
  ];
}

const train = async (_: Config, trial: TrialContext) => {
  await trial.report({ loss: trial.seed }, { checkpoint: () => undefined });
};

describe('every name that is made is one that Windows, macOS and Linux take', () => {
  test('of an experiment', () => {
    const at = fc.date({ min: new Date(0), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(hostileText, at, (trainable, date) => {
        const name = experimentName(trainable, date);
        expect(wrongWith(name)).toEqual([]);
        expect(name).toMatch(/_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_[a-z0-9]{4}$/);
      }),
    );
  });

  test('of a checkpoint, and of the folder in which it is written', () => {
    const number = fc.maxSafeNat();
    fc.assert(fc.property(number, (n) => [checkpointName(n), temporaryName(checkpointName(n))].flatMap(wrongWith).length === 0));
  });

  test('of all that is in an experiment, whatever the trainable, the space and trialDirName are called', async () => {
    const key = hostileText.filter((text) => !/[/]|^$|__proto__/.test(text));
    const wanted = fc.array(fc.oneof(hostileText, fc.constantFrom('same', 'SAME', 'lock')), { minLength: 3, maxLength: 3 });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(hostileText, key, hostileText, fc.option(wanted), async (trainable, name, value, dirs) => {
        const defined = defineTrainable(`/names/${n++}.cjs`, train, { name: trainable || 'train' });
        let trial = 0;
        const trialDirName = dirs && { trialDirName: () => dirs[trial++ % 3] as string };
        const tuner = new Tuner(defined as never, {
          paramSpace: { [name]: choice([value, `${value}!`]) },
          tuneConfig: { ...tuneConfig, numSamples: 3 },
          runConfig: { ...quiet, executor: inline(), ...trialDirName },
        });
        const { experimentPath, numErrors } = await tuner.fit();
        expect(numErrors).toBe(0);
        expect([...wrongWith(basename(experimentPath)), ...wrongIn(experimentPath)]).toEqual([]);
        expect(readdirSync(experimentPath, { withFileTypes: true }).filter((entry) => entry.isDirectory())).toHaveLength(3);
      }),
      { numRuns: 30 },
    );
  });
});

describe('runConfig.name', () => {
  const named = (name: unknown) => new Tuner(train, { tuneConfig, runConfig: { ...quiet, name: name as string } });

  test.each([
    ['a/b', 'which has the character "/". Hint: Write "a_b".'],
    ['sweep 12:30', 'which has the character ":". Hint: Write "sweep 12_30".'],
    ['nul', 'which has a name that Windows keeps for a device. Hint: Write "_nul".'],
    ['v1.', 'which has a dot at its end. Hint: Write "v1_".'],
    ['.hidden', 'which has a dot at its start. Hint: Write "hidden".'],
    ['..', 'which has a dot at its start. Hint: Write "_".'],
    ['x'.repeat(1e6), '1000000 characters and 1000000 bytes, over 130 or 255. Hint: Write "xxx'],
    [`${' '.repeat(1e6)}x`, '1000001 characters and 1000001 bytes, over 130 or 255. Hint: Write "__'],
  ])('(%#) is refused, and the message says why and what to write', (name, message) => {
    expect(() => named(name)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE', message: expect.stringContaining(message) as string }));
  });

  test('is refused whenever a file system would refuse it', () => {
    fc.assert(
      fc.property(hostileText, (name) => {
        const refused = name.startsWith('.') || wrongWith(name).length > 0;
        if (refused) expect(() => named(name)).toThrow('OPTION_RANGE');
      }),
    );
    for (const name of ['mnist', 'été 2026', '名前', 'a.b', '_x', 'x'.repeat(130)]) expect(() => named(name)).not.toThrow();
  });

  test('that differs from one in the storage by case alone is taken', async () => {
    await named('Mine').fit();
    await expect(named('mine').fit()).rejects.toThrow(`got "${join(storagePath, 'Mine')}", which holds an experiment`);
    const numbered = await new Tuner(train, { tuneConfig, runConfig: { ...quiet, name: 'MINE', onExisting: 'new' } }).fit();
    expect(basename(numbered.experimentPath)).toBe('MINE-2');
  });

  test('of 130 characters is cut for its number', async () => {
    const name = `${'long'.repeat(32)}ab`;
    await named(name).fit();
    const numbered = await new Tuner(train, { tuneConfig, runConfig: { ...quiet, name, onExisting: 'new' } }).fit();
    expect(basename(numbered.experimentPath)).toBe(`${'long'.repeat(32)}-2`);
  });

  test('is not looked at by a restore: the directory has its name, whatever it was called since', async () => {
    const { experimentPath } = await named('before').fit();
    const moved = join(storagePath, 'then now');
    renameSync(experimentPath, moved);
    const restored = await Tuner.restore(moved, train, { tuneConfig: { ...tuneConfig, numSamples: 2 }, runConfig: { ...quiet, name: 'then: now' } });
    expect((await restored.fit()).length).toBe(2);
  });
});
