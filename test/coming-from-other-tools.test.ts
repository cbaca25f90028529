import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { complaintsOf } from './type-check.ts';

const PAGE = 'docs/coming-from-other-tools.md';

interface Line {
  readonly theirs: string;
  readonly ours: string;
  readonly test: string;
}

/** The rows of all tables of the page. A bar in a piece of code would end its cell: write none. */
const lines: readonly Line[] = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Theirs|---) \|/.test(line))
  .map((line) => {
    const [theirs = '', ours = '', test = '', ...more] = line.slice(2, -2).split(' | ');
    if (more.length > 0 || test === '') throw new Error(`${PAGE}: expected three columns in ${line}`);
    return { theirs, ours, test };
  });

const codeIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** What the page says its words stand for. */
const WORDS = `
import * as attune from '../src/index.ts';
import * as algorithms from '../algorithms/index.ts';
import * as schedulers from '../schedulers/index.ts';
import * as tfjs from '../src/tfjs/index.ts';
import * as analysis from '../src/analysis/index.ts';
const { Tuner, Trainable, Result, ResultGrid, run, hooks, inline, threads, processes, defineTrainable, definePhases } = attune;
const { exportTable, runExperiments, generateConfigs, readJsonl } = attune;
const { uniform, loguniform, gridSearch, choice, variation } = attune;
const { auto, avoidDuplicates, basicVariant, cmaes, evolution, fromAskTell, gp, halton, limitConcurrency, nsga2, random, repeat, sobol, tpe, warmStart } = algorithms;
const { Reader, GroupedFrame } = attune;
declare const reader: attune.Reader, frame: attune.Frame, grouped: attune.GroupedFrame, artifact: attune.Artifact, mean: any, argmin: any;
const { asha, fifo, hyperband } = schedulers;
const { loadModel } = tfjs;
const { cautions, correlations, interactions, interpret, parameterImportance } = analysis;
const { plotAnalysis, plotLearningCurves, plotLinear, plotViolin } = analysis;
declare const tunerOptions: attune.TunerOptions, runConfig: Mutable<attune.RunConfig>, tuneConfig: Mutable<attune.TuneConfig>;
declare const tuner: attune.Tuner, grid: attune.ResultGrid, result: attune.Result, trial: attune.TrialContext, trainable: attune.Trainable<any>;
declare const asked: attune.AskedTrial<any, any>, create: any;
declare const table: ReturnType<attune.ResultGrid['getDataFrame']>;
declare const train: any, paramSpace: any, path: string, dir: string, config: any, load: any, pre: any, fit: any, post: any, cfgs: any;
declare const base: Mutable<attune.ExperimentsBase<any, any, any, any>>;
declare class MyTrainable extends Trainable<any> { setup(): void; step(): any; save(): void; restore(): void }
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
`;

/** The complaints of the compiler about each piece of code, as a statement of its own after WORDS. */
function complaints(pieces: readonly string[]): readonly string[] {
  const statements = pieces.map((piece) => `void (${piece});`);
  const first = WORDS.split('\n').length;
  const found = complaintsOf({ 'test/words-of-the-page.ts': [WORDS, ...statements].join('\n') }, { strict: false });
  return found.map(({ line, text }) => `${pieces[line - first] ?? 'the words'}: ${text}`);
}

/** Must be noticed, or the compiler looks at nothing. */
const WRONG = ['grid.getBestest()', 'tpee()', 'runConfig.stopp', 'asha({ maxR: 3 })', 'grid.getBestResult({ metrik: 1 })', 'result.metrics.pid.x'];

test('every piece of code of ours compiles', { timeout: 60_000 }, () => {
  const found = complaints([...lines.flatMap(({ ours }) => codeIn(ours)), ...WRONG]);
  const aboutWrong = (complaint: string): boolean => WRONG.some((piece) => complaint.startsWith(`${piece}: `));
  expect(found.filter((complaint) => !aboutWrong(complaint))).toEqual([]);
  expect(found.filter(aboutWrong)).toHaveLength(WRONG.length);
});

describe('every line', () => {
  test('names a test that exists, or says that there is nothing of ours yet', () => {
    const wrong = lines.filter(({ ours, test }) => {
      const [file, title] = [/^`([^`]+)`: (.+)$/.exec(test)].flatMap((match) => (match ? [match[1] as string, match[2] as string] : ['', '']));
      if (/not yet|your own code/.test(ours)) return test !== '–';
      return !file || !title || !existsSync(file) || !hasTitle(readFileSync(file, 'utf8'), title);
    });
    expect(wrong).toEqual([]);
  });

  test('says what is ours', () => {
    expect(lines.filter(({ theirs, ours }) => theirs.trim() === '' || ours.trim() === '')).toEqual([]);
  });
});

test('has a table for each of the seven pages', () => {
  expect(readFileSync(PAGE, 'utf8').match(/^## .*\n\n\| Theirs \|/gm)).toHaveLength(7);
  expect(lines.length).toBeGreaterThan(150);
});

/** A title as source: in quotes of any kind. */
const hasTitle = (source: string, title: string): boolean =>
  ["'", '"', '`'].some((quote) => source.includes(quote + title.replaceAll(quote, `\\${quote}`) + quote));
