import { join } from 'node:path';
import { oneLine } from '../base/one-line.ts';
import { bestTrial, lackingInLast } from '../trial/best-trial.ts';
import type { JournalLine } from '../trial/events.ts';
import { outcomes } from '../trial/outcomes.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { ExperimentView } from './callback.ts';
import { clip } from './cell-text.ts';
import { configText, metricsText, trialLine } from './trial-line.ts';

/** Of a trainable or a plug-in. */
const LONGEST_NAME = 100;

/** What a console that only writes lines says of one event. 0: nothing. 1: each trial that ends, and a summary. 2: everything that happens to a trial. */
export function eventLines(event: JournalLine, view: ExperimentView, verbose: 0 | 1 | 2 = 1): readonly string[] {
  if (verbose === 0) return [];
  if (event.kind === 'opened') return openedLines(event.samples, event.slots, view).map((line) => oneLine(line));
  if (event.kind === 'closed') return summaryLines(view, event.why);
  const trial = 'trial' in event ? view.trial(event.trial) : undefined;
  return trial ? trialEventLines(event, trial, view, verbose).map((line) => oneLine(line)) : [];
}

function trialEventLines(event: JournalLine, trial: TrialRecord, view: ExperimentView, verbose: 1 | 2): readonly string[] {
  const { objectives } = view.created;
  switch (event.kind) {
    case 'completed':
    case 'stopped':
      return [trialLine(event.kind, trial, objectives)];
    case 'failed':
      return [trialLine('failed', trial, objectives, join(view.path, trial.dir, 'error.txt'))];
    case 'retried':
      return verbose < 2 ? [] : [trialLine('retried', { ...trial, error: event.error }, objectives, join(view.path, trial.dir, 'error.txt'))];
    case 'reported':
    case 'paused':
      return verbose < 2 ? [] : [trialLine(event.kind, trial, objectives)];
    case 'checkpointed':
      return verbose < 2 ? [] : [`${trial.name} ${'saved'.padEnd(9)}  ${event.checkpoint}`];
    default:
      return [];
  }
}

function openedLines(samples: number | 'unlimited', slots: number, view: ExperimentView): readonly string[] {
  const { trainable, searcher, scheduler } = view.created;
  const done = view.trials.length > 0 ? `, ${view.trials.length} trials so far` : '';
  const [what, how] = [trainable.name, `${searcher.name}, ${scheduler.name}`].map((text) => clip(text, LONGEST_NAME));
  return [`Tuning ${what}: ${how}, samples: ${samples}, ${count(slots, 'trial')} at a time${done}`, `  in ${view.path}`];
}

/** The last lines: how many trials ended how, and the best by the last value of each objective. */
export function summaryLines({ trials, created, path }: ExperimentView, why = ''): readonly string[] {
  const lines = [`${outcomes(trials)}${why && ` (${why})`}`];
  for (const objective of created.objectives) {
    const { metric, mode } = objective;
    const best = bestTrial(trials, objective);
    const lacking = lackingInLast(trials, metric);
    if (best)
      lines.push(`Best ${metric} (${mode}): ${best.name}  ${metricsText(best.last, created.objectives)}  iter ${best.step}  ${configText(best.config)}`);
    else if (lacking === 0 && trials.length > 0) lines.push(`No best ${metric}: ${whyNone(trials, metric)}.`);
    if (lacking > 0)
      lines.push(
        `${best ? '  among the' : `Best ${metric} (${mode}): not among the`} last reports; that of ${count(lacking, 'trial')} has no ${metric}: see getBestResult()`,
      );
  }
  return [...lines, `Results: ${path}`].map((line) => oneLine(line));
}

function whyNone(trials: readonly TrialRecord[], metric: string): string {
  const others = trials.filter(({ status }) => status !== 'ERROR');
  if (others.length === 0) return 'every trial failed';
  const who = others.length < trials.length ? 'no trial that has not failed' : 'no trial';
  return others.some(({ last }) => last !== undefined) ? `${who} has a last ${metric} that is a finite number` : `${who} has reported`;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
