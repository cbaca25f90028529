import { deepFreeze } from '../base/deep-freeze.ts';
import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { assertJson } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { Suggestion } from '../search/searcher.ts';
import { cloneJson } from '../space/clone-json.ts';
import type { Config } from '../space/config.ts';
import { contains } from '../space/contains.ts';
import type { Space } from '../space/space.ts';
import { variants } from '../space/variants.ts';
import type { ProposedBy } from '../trial/events.ts';
import { trialId } from '../trial/ids.ts';
import { releaseHistory } from './advance.ts';
import { setupOf } from './experiment.ts';
import { pluginFailed, problemOf } from './plugin-failed.ts';
import type { Shell } from './shell.ts';

/** Where configurations come from: the searcher, one ask at a time, and the enqueued ones. */
export class Asker {
  /** An ask is in hand: the searcher answers later. */
  asking = false;
  /** The count of happenings at which the searcher said `wait`. */
  waitedAt = -1;
  /** What ended the run: mostly, that the searcher threw. */
  failure: { readonly error: unknown } | undefined;
  private readonly shell: Shell;
  private readonly completions = new Map<number, readonly Config[]>();
  private askedAt = { happened: -1, ended: 0 };

  constructor(shell: Shell) {
    this.shell = shell;
  }

  ask(): void {
    const { experiment, searcher, inbox, breathe } = this.shell;
    const { history, proposed: index } = experiment;
    this.askedAt = { happened: experiment.happened, ended: history.ended.length };
    experiment.held = [];
    const stream = experiment.root.fork('search', searcher.name);
    let suggestion: Suggestion | Promise<Suggestion>;
    try {
      suggestion = searcher.suggest({ index, history, rng: stream.fork(index), stream, breathe, ...setupOf(experiment) });
    } catch (error) {
      return this.reject(error);
    }
    if (!isPromise(suggestion)) return this.accept(suggestion);
    this.asking = true;
    suggestion.then(
      (value) => inbox.put({ kind: 'suggested', suggestion: value }),
      (error: unknown) => inbox.put({ kind: 'searcher-failed', error }),
    );
  }

  /** Queues a suggested configuration, or notes that there is none now, or none any more. */
  accept(suggestion: Suggestion): void {
    const { experiment, recorder, warn } = this.shell;
    this.asking = false;
    releaseHistory(experiment);
    try {
      checkSuggestion(this.place(), experiment.space, suggestion);
    } catch (error) {
      return this.reject(error);
    }
    if (suggestion.kind === 'config') return this.queue(suggestion.config, { kind: 'searcher', index: experiment.proposed }, suggestion);
    if (suggestion.kind === 'wait') {
      this.waitedAt = this.askedAt.happened;
    } else {
      if (suggestion.message !== undefined) warn(suggestion.message);
      recorder.record({ kind: 'exhausted' });
    }
  }

  /** The run is over: nobody waits for an answer any more. */
  abandon(): void {
    if (!this.asking) return;
    this.asking = false;
    releaseHistory(this.shell.experiment);
  }

  /** The searcher threw, rejected, or answered what is no suggestion. */
  reject(error: unknown): void {
    this.asking = false;
    releaseHistory(this.shell.experiment);
    this.fail(this.shell.searcher.name, pluginFailed(this.place(), error));
  }

  /** `tpe.suggest at index 7` */
  private place(): string {
    const { experiment, searcher } = this.shell;
    return `${searcher.name}.suggest at index ${experiment.proposed}`;
  }

  /** Without configurations the experiment halts; what runs is interrupted, and a restore goes on from there. */
  private fail(by: string, error: unknown): void {
    this.failure ??= { error };
    this.shell.recorder.record({ kind: 'halted', by, reason: problemOf(error), interrupt: true });
  }

  /** Queues the next part of an enqueued configuration: missing values are drawn, a missing grid is swept. */
  queueEntry(index: number): void {
    const { experiment } = this.shell;
    const entry = experiment.entries[index];
    if (entry === undefined) return;
    let all: readonly Config[];
    try {
      all = this.complete(index, entry.config);
    } catch (error) {
      return this.fail('enqueue', error);
    }
    this.askedAt = { ...this.askedAt, ended: experiment.history.ended.length };
    this.queue(all[entry.next] as Config, { kind: 'enqueued', entry: index, part: entry.next, of: all.length }, {});
    if (entry.next === entry.of) this.completions.delete(index);
  }

  /** Everything that an enqueued configuration stands for; not empty. Kept until all of it is queued. */
  complete(index: number, config: Config): readonly Config[] {
    const { space, root } = this.shell.experiment;
    const all = this.completions.get(index) ?? [...variants(space, root.fork('enqueued', index), config)];
    if (all.length === 0) throw new AttuneError('CONFIG_INVALID', `enqueue: expected a configuration to complete, got ${JSON.stringify(config)}.`);
    this.completions.set(index, all);
    return all;
  }

  private queue(config: Config, by: ProposedBy, { note, last }: Partial<Suggestion & { kind: 'config' }>): void {
    const { experiment, recorder, describe } = this.shell;
    const trial = trialId(experiment.rows.length);
    const own = deepFreeze(cloneJson(config)) as Config; // whoever proposed it may go on using what it has
    const extra = { ...(note === undefined ? {} : { note: cloneJson(note) }), ...(last ? { last } : {}) };
    let folder: ReturnType<typeof describe>;
    try {
      folder = describe(trial, own);
    } catch (error) {
      if (error instanceof AttuneError && error.code === 'STORAGE_UNWRITABLE') throw error;
      return this.fail('trialDirName', error);
    }
    recorder.record({ kind: 'queued', trial, config: own, ...folder, by, ...extra, asked: this.askedAt.ended });
  }
}

const isPromise = (value: unknown): value is Promise<Suggestion> => typeof value === 'object' && value !== null && 'then' in value;

/** What a searcher answers is outside data. */
function checkSuggestion(where: string, space: Space, suggestion: Suggestion): void {
  const kind = (suggestion as Suggestion | null | undefined)?.kind;
  if (kind !== 'config' && kind !== 'wait' && kind !== 'done') {
    throw new AttuneError('SUGGESTION_INVALID', `${where}: expected { kind: 'config' | 'wait' | 'done' }, got ${describe(suggestion)}.`);
  }
  if (suggestion.kind !== 'config') return;
  const config: Json = suggestion.config;
  assertJson(config, where, 'CONFIG_INVALID');
  if (contains(space, suggestion.config)) return;
  throw new AttuneError('SUGGESTION_INVALID', `${where}: expected a configuration in the space, got ${JSON.stringify(config)}.`);
}
