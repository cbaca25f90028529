import { expect, expectTypeOf, test } from 'vitest';
import { turn } from '../../src/execute/turn.ts';
import { toTrainableRef } from '../../src/trainable/bare.ts';
import { defineTrainable } from '../../src/trainable/define-trainable.ts';
import { findTrainable, namesIn } from '../../src/trainable/registry.ts';
import { Trainable } from '../../src/trainable/trainable.ts';
import type { TrainableRef } from '../../src/trainable/trainable-ref.ts';
import type { Metrics, TrialContext } from '../../src/trainable/trial-context.ts';

class Net extends Trainable<{ lr: number }, { accuracy: number }> {
  private rate = 0;
  setup(config: { lr: number }): void {
    this.rate = config.lr;
  }
  step(): { accuracy: number } {
    return { accuracy: this.rate };
  }
  save(): void {}
  restore(): void {}
}

test('a trainable is named by its option, else by itself, else after its file', () => {
  expect(defineTrainable('/lib/mnist.mjs', () => 1).name).toBe('mnist');
  expect(defineTrainable('/lib/mnist.mjs', function train() {}).name).toBe('train');
  expect(defineTrainable('/lib/mnist.mjs', Net).name).toBe('Net');
  expect(defineTrainable('/lib/mnist.mjs', Net, { name: 'net' })).toMatchObject({ name: 'net', form: 'class', kind: 'trainable' });
  expect(namesIn('file:///lib/mnist.mjs')).toEqual(['mnist', 'train', 'Net', 'net']);
});

test('its module is a file URL without a query, from import.meta.url or __filename', () => {
  expect(defineTrainable('file:///lib/a%20b.ts?t=123#x', () => 1).module).toBe('file:///lib/a%20b.ts');
  expect(defineTrainable('/lib/c d.cjs', () => 1).module).toBe('file:///lib/c%20d.cjs');
  expect(defineTrainable("file:///lib/(e)'[f]~%7E.mjs", () => 1).module).toBe(defineTrainable("/lib/(e)'[f]~~.mjs", () => 1, { name: 'same' }).module);
  expect(defineTrainable('/lib/g#h%20i?.cjs', () => 1).module).toBe('file:///lib/g%23h%2520i%3F.cjs');
  expect(() => defineTrainable('./relative.js', () => 1)).toThrow(/TRAINABLE_INVALID/);
  expect(() => defineTrainable('file://host/share.js', () => 1)).toThrow(/TRAINABLE_INVALID/);
  expect(() => defineTrainable('https://example.org/x.js', () => 1)).toThrow(/TRAINABLE_INVALID/);
});

test.each([undefined, ''])('an import.meta.url that is %j, as in CommonJS, is refused with advice', (url) => {
  expect(() => defineTrainable(url as never, () => 1)).toThrow(/expected import\.meta\.url or __filename first, got .*Hint: .*pass __filename/);
});

test('two of one name in one module are refused, and the first one stays', () => {
  const first = defineTrainable('/lib/two.mjs', () => 1, { name: 'same' });
  expect(() => defineTrainable('/lib/two.mjs', () => 2, { name: 'same' })).toThrow(
    /one trainable named "same" in file:\/\/\/lib\/two.mjs, got two.*TRAINABLE_DUPLICATE/,
  );
  expect(findTrainable('file:///lib/two.mjs', 'same')).toBe(first);
  for (const module of ['/lib/loop.mjs']) {
    const makeOne = (loss: number): TrainableRef<never> => defineTrainable(module, () => loss, { name: 'looped' });
    makeOne(1);
    expect(() => makeOne(2)).toThrow(/TRAINABLE_DUPLICATE/); // the same source, but another trainable
  }
});

test('a module that is evaluated again defines its trainables again', async () => {
  const define = (url = 'file:///lib/again.mjs'): TrainableRef => defineTrainable(url, () => 1, { name: 'again' }) as unknown as TrainableRef;
  define();
  await turn();
  const second = define();
  const third = define('file:///lib/again.mjs?v=2');
  expect(findTrainable('file:///lib/again.mjs', 'again')).toBe(third);
  expect(second).not.toBe(third);
});

test('what is no function, half a class, or has wrong options is refused', () => {
  class Half {
    step(): void {}
  }
  expect(() => defineTrainable('/lib/x.mjs', 3 as never)).toThrow(/expected a function or a class, got 3.*TRAINABLE_INVALID/);
  expect(() => defineTrainable('/lib/x.mjs', Half as never)).toThrow(/got Half without setup, save, restore/);
  expect(() => defineTrainable('/lib/x.mjs', () => 1, { name: '' })).toThrow(/OPTION_RANGE/);
  expect(() => defineTrainable('/lib/x.mjs', () => 1, { nam: 'x' } as never)).toThrow(/OPTION_UNKNOWN/);
});

test('a bare function or class is a trainable of this thread', () => {
  expect(toTrainableRef(function quadratic() {})).toMatchObject({ name: 'quadratic', form: 'function' });
  expect(toTrainableRef(Net)).toMatchObject({ name: 'Net', form: 'class' });
  expect(toTrainableRef(Net)).not.toHaveProperty('module');
  const defined = defineTrainable('/lib/bare.mjs', () => 1);
  expect(toTrainableRef(defined)).toBe(defined);
  expect(() => toTrainableRef('train' as never)).toThrow(/TRAINABLE_INVALID/);
});

test('the types of config and metrics come from the function or class', () => {
  const fn = defineTrainable('/lib/t1.mjs', async (config: { lr: number }, trial: TrialContext<{ loss: number }>) => trial.report({ loss: config.lr }));
  expectTypeOf(fn).toEqualTypeOf<TrainableRef<{ lr: number }, { loss: number }>>();
  const returning = defineTrainable('/lib/t2.mjs', (config: { lr: number }) => ({ accuracy: config.lr }));
  expectTypeOf(returning).toEqualTypeOf<TrainableRef<{ lr: number }, { accuracy: number }>>();
  expectTypeOf(defineTrainable('/lib/t3.mjs', Net)).toEqualTypeOf<TrainableRef<{ lr: number }, { accuracy: number }>>();
  const loose = defineTrainable('/lib/t4.mjs', async (config: { lr: number }, trial) => trial.report({ anything: config.lr }));
  expectTypeOf(loose).toEqualTypeOf<TrainableRef<{ lr: number }, Metrics>>();
  defineTrainable('/lib/t5.mjs', async (_config: { lr: number }, trial: TrialContext<{ loss: number }>) => {
    // @ts-expect-error -- a misspelt metric does not compile
    await trial.report({ los: 1 });
  });
});
