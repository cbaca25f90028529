import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { experimentTag, trialDirName } from '../../src/trial/tag.ts';
import { hostileText, wrongWith } from '../base/hostile-names.ts';

describe('experimentTag', () => {
  test('is the counter and the values that vary', () => {
    expect(experimentTag(7, { lr: 0.0097813, momentum: 0.9, should_checkpoint: true }, ['lr', 'momentum'])).toBe('7_lr=0.0098,momentum=0.9000');
  });

  test('is the counter alone when nothing varies', () => {
    expect(experimentTag(0, { a: 1 }, [])).toBe('0');
  });

  test('sorts by full path and names by the last part', () => {
    expect(experimentTag(1, { b: { x: 1 }, a: { y: 2 } }, ['b/x', 'a/y'])).toBe('1_y=2,x=1');
    expect(experimentTag(1, { layers: [16, 32] }, ['layers/0', 'layers/1'])).toBe('1_0=16,1=32');
  });

  test('leaves out what a conditional space did not choose', () => {
    expect(experimentTag(1, { kind: 'sgd' }, ['kind', 'adam/beta'])).toBe('1_kind=sgd');
  });

  test('keeps small fractions apart', () => {
    expect(experimentTag(1, { lr: 1e-6 }, ['lr'])).toBe('1_lr=1e-6');
    expect(experimentTag(1, { lr: 0.00012 }, ['lr'])).toBe('1_lr=1.2e-4');
    expect(experimentTag(1, { lr: -0.0005 }, ['lr'])).toBe('1_lr=-5e-4');
    expect(experimentTag(1, { lr: 1e30 }, ['lr'])).toBe('1_lr=1e30');
  });

  test('makes other characters safe', () => {
    expect(experimentTag(1, { path: 'a/b (c)', layers: [1, 2], on: true, none: null }, ['path', 'layers', 'on', 'none'])).toBe(
      '1_layers=_1_2_,none=null,on=true,path=a_b__c_',
    );
  });

  test('cuts a key or value of a million characters', () => {
    const long = 'x'.repeat(1e6);
    expect(experimentTag(1, { long, [`k${long}`]: [long], lr: 0.5 }, ['long', `k${long}`, 'lr'])).toBe(
      `1_k${'x'.repeat(129)}=__${'x'.repeat(128)},long=${'x'.repeat(130)},lr=0.5000`,
    );
  });

  test('never shows a number other than zero as zero', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => x !== 0),
        (x) => Number(experimentTag(0, { x }, ['x']).slice(4)) !== 0,
      ),
    );
  });
});

describe('trialDirName', () => {
  test('is the trainable, the id and the tag', () => {
    expect(trialDirName({ trainable: 'train_mnist', id: '6e465_00007', tag: '7_lr=0.0098,momentum=0.9000' })).toBe(
      'train_mnist_6e465_00007_7_lr=0.0098,momentum=0.9000',
    );
  });

  test('is at most 130 safe characters, and always has the whole id', () => {
    const anyText = fc.oneof(hostileText, fc.string({ unit: 'binary', maxLength: 300 }));
    fc.assert(
      fc.property(anyText, anyText, (trainable, tag) => {
        const name = trialDirName({ trainable, id: '6e465_00007', tag });
        expect(wrongWith(name)).toEqual([]);
        return name.length <= 130 && name.includes('_6e465_00007') && /^[A-Za-z0-9_,=-][A-Za-z0-9_.,=-]*$/.test(name);
      }),
    );
  });

  test('is no device of Windows, and never ends with a dot', () => {
    expect(trialDirName({ trainable: 'con.train', id: '6e465_00007', tag: '7' })).toBe('_con.train_6e465_00007_7');
    expect(trialDirName({ trainable: 'train', id: '6e465_00007', tag: `${'x'.repeat(111)}.5` })).toBe(`train_6e465_00007_${'x'.repeat(111)}_`);
  });
});
