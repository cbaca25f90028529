import { describe, expect, test } from 'vitest';
import { groupsOf } from '../../../algorithms/tpe/groups.ts';
import { Ledger } from '../../../algorithms/tpe/ledger.ts';
import { split } from '../../../algorithms/tpe/split.ts';
import { type TpeOptions, tpe } from '../../../algorithms/tpe.ts';
import { rng } from '../../../src/base/rng.ts';
import { History } from '../../../src/search/history.ts';
import { choice, loguniform, uniform } from '../../../src/space/domains.ts';
import { sample } from '../../../src/space/sample.ts';
import { compileSpace } from '../../../src/space/space.ts';
import { askFor } from '../asking.ts';

const space = compileSpace({ x: uniform(0, 1), lr: loguniform(1e-4, 1), kind: choice(['a', 'b', 'c']) });
const drawn = (i: number) => ({ config: sample(space, rng(1).fork(i)), by: 'searcher' as const });

type Fate = 'completed' | 'stopped' | 'running' | 'infeasible' | 'failed' | 'silent' | 'exploited';
const FATES: readonly Fate[] = ['completed', 'stopped', 'running', 'infeasible', 'failed', 'silent', 'exploited'];
/** Failed ones, those that have not reported and those that went on with another configuration do not say how good they are. */
const JUDGED: readonly Fate[] = FATES.slice(0, 4);

function enter(history: History, i: number, fate: Fate): void {
  const row = history.add({ ...drawn(i), asked: history.ended.length });
  const losses = rng(2).fork(i);
  if (fate !== 'silent') history.report(row, 1, [losses.next()], fate === 'infeasible' ? losses.next() : 0);
  if (fate === 'completed' || fate === 'infeasible') history.end(row, 'completed');
  else if (fate === 'stopped' || fate === 'failed') history.end(row, fate);
  else if (fate === 'exploited') history.leave(row);
}

describe('G16: of n trials that say how good they are min(⌈n / 10⌉, 25) are good', () => {
  test.each<readonly [string, (i: number) => Fate]>([
    ['all complete', () => 'completed'],
    ['all still run', () => 'running'],
    ['all are infeasible', () => 'infeasible'],
    ['of each kind some', (i) => FATES[rng(3).fork(i).int(FATES.length)] as Fate],
  ])('%s', (_name, fateOf) => {
    const history = new History(space, 1);
    const ledger = new Ledger(groupsOf(space, false), []);
    const has = ledger.tables[0]?.has ?? [];
    for (let i = 0, n = 0; n < 300; i++) {
      enter(history, i, fateOf(i));
      if (JUDGED.includes(fateOf(i))) n += 1;
      for (const _ of ledger.read(history));
      const { good, bad } = split(ledger.now, has);
      expect([i, good.length]).toEqual([i, Math.min(Math.ceil(n / 10), 25)]);
      const exploited = Array.from({ length: i + 1 }, (_, row) => row).filter((row) => fateOf(row) === 'exploited');
      expect([...good, ...bad, ...exploited].sort((a, b) => a - b)).toEqual(Array.from({ length: i + 1 }, (_, row) => row));
    }
  });
});

describe('G17: once a trial has ended, nothing is left of what stood in for it while it ran', () => {
  const proposalsOf = (searcher: ReturnType<typeof tpe>, history: History) =>
    Promise.all(Array.from({ length: 10 }, (_, i) => searcher.suggest(askFor(space, history.length + i, { samples: Infinity, history }))));

  /** Twenty trials that are known, then six more; whoever `looks` asks while they run. */
  async function afterwards(options: TpeOptions, fate: Fate, looks: boolean) {
    const history = new History(space, 1);
    const searcher = tpe(options);
    const meanwhile: unknown[] = [];
    const look = async () => looks && meanwhile.push(await proposalsOf(searcher, history));
    for (let i = 0; i < 20; i++) enter(history, i, 'completed');
    const rows = Array.from({ length: 6 }, (_, i) => history.add({ ...drawn(20 + i), asked: 20 }));
    await look();
    for (const row of rows) history.report(row, 1, [9]);
    await look();
    for (const row of rows) {
      history.report(row, 3, [fate === 'failed' ? -9 : row / 100], fate === 'infeasible' ? 1 : 0);
      history.end(row, fate === 'failed' ? 'failed' : fate === 'stopped' ? 'stopped' : 'completed');
      await look();
    }
    return { meanwhile, then: await proposalsOf(searcher, history) };
  }

  test.each<readonly [Fate, TpeOptions]>([
    ['completed', {}],
    ['stopped', {}],
    ['infeasible', {}],
    ['failed', {}],
    ['completed', { univariate: true }],
    ['stopped', { milestones: [1, 3] }],
    ['failed', { milestones: [1, 3] }],
  ])('%s, %j', async (fate, options) => {
    const [never, running] = [await afterwards(options, fate, false), await afterwards(options, fate, true)];
    expect(running.then).toEqual(never.then);
    expect(running.meanwhile).not.toEqual(running.meanwhile.map(() => running.then)); // something did stand in
  });
});
