import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { listen } from '../../src/base/listen.ts';

test('everyone is called, by one listener, which goes with the last of them', () => {
  const emitter = new EventEmitter();
  const called: string[] = [];
  const ends = ['a', 'b', 'c'].map((name) => listen(emitter, 'it', () => called.push(name)));
  expect(emitter.listenerCount('it')).toBe(1);
  emitter.emit('it');
  expect(called).toEqual(['a', 'b', 'c']);
  for (const end of [...ends, ...ends]) end();
  expect(emitter.eventNames()).toEqual([]);
  listen(emitter, 'it', () => called.push('d'));
  emitter.emit('it');
  expect(called).toEqual(['a', 'b', 'c', 'd']);
});

test('one that ends itself, or another, while it is called', () => {
  const emitter = new EventEmitter();
  const called: string[] = [];
  const end = listen(emitter, 'it', () => {
    called.push('first');
    end();
    endSecond();
  });
  const endSecond = listen(emitter, 'it', () => called.push('second'));
  emitter.emit('it');
  emitter.emit('it');
  expect(called).toEqual(['first', 'second']); // as an emitter does: who listened when it happened is told
  expect(emitter.eventNames()).toEqual([]);
});

test('events and emitters are apart, and who listens twice is called once', () => {
  const [one, two] = [new EventEmitter(), new EventEmitter()];
  const called: string[] = [];
  const act = () => called.push('act');
  listen(one, 'it', act);
  listen(one, 'it', act);
  listen(one, 'other', act);
  listen(two, 'it', () => called.push('two'));
  one.emit('it');
  expect(called).toEqual(['act']);
});

test('where others have filled an emitter, nothing warns of the one that is ours', () => {
  const emitter = new EventEmitter().setMaxListeners(1);
  emitter.on('it', () => {});
  listen(emitter, 'it', () => {}); // a warning fails the run: see fail-on-warnings.ts
  expect(emitter.getMaxListeners()).toBe(1);
});
