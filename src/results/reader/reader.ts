import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nearest } from '../../base/edit-distance.ts';
import { AttuneError } from '../../base/errors.ts';
import { block, INSPECT } from '../../base/inspect.ts';
import type { Json } from '../../base/json.ts';
import { oneLine } from '../../base/one-line.ts';
import { checkOptions, checkText, describe } from '../../base/options.ts';
import { warn } from '../../base/warn.ts';
import { ARTIFACT, METRIC, type Run, RunCells } from './cells.ts';
import { Fields, type FieldType, typeOfValues } from './fields.ts';
import { Frame } from './frame.ts';
import { INDEX_FILE, readIndex, writeIndex } from './index-file.ts';
import { type Column, type Doubt, matchQuery } from './match-query.ts';
import { isSearchable, parseQuery } from './query.ts';
import { runsOf, type SkippedRun } from './runs-of.ts';
import { type Scanned, scan } from './scan.ts';
import type { Reads } from './watched.ts';

/** A language of queries of your own. */
export interface QueryParser {
  /** @returns whether the query holds for a run, by its `config.…` and `info.…` */
  parse(query: string): (values: Readonly<Record<string, Json>>) => boolean;
}

/** How `Reader.open` reads. `OPTION_RANGE` for a value of another type, `STORAGE_UNWRITABLE` for a `dstDir` that cannot be written to. */
export interface ReaderOptions {
  /** Default: what has changed on the disk is read again. `true`: everything is. `false`: nothing is looked at but the index, if there is one. */
  readonly refresh?: boolean;
  /** Where the index is kept; made if need be. Default: the directory that is read. */
  readonly dstDir?: string;
  /** Default: the language of docs/reader.md. */
  readonly parser?: QueryParser;
}

/**
 * The runs below a directory: what they are called, what they were set to, how they ended. Their metrics and artifacts are read when they are asked for.
 *
 * @example
 * import { gridSearch, Reader, Tuner } from 'attune';
 * const train = ({ lr }: { lr: number }) => ({ loss: lr / 2 });
 * await new Tuner(train, { paramSpace: { lr: gridSearch([1, 2]) }, runConfig: { name: 'sweep', storagePath: '.', verbose: 0 } }).fit();
 *
 * const reader = await Reader.open('sweep');
 * reader.length; // => 2
 * reader.filter('config.lr < 2').col('loss'); // => [[0.5]]
 */
export class Reader {
  /** The directory that is read; absolute. */
  readonly dir: string;
  /** Runs that could not be read, and why. */
  readonly skipped: readonly SkippedRun[];
  /** The file that the index is in; `undefined` while it is in memory only, since it could not be written. */
  readonly indexPath: string | undefined;
  /** What opening read, the index itself included: files, and directories that were listed. A look at the size of a file is no reading. */
  readonly reads: Readonly<Reads>;
  readonly #runs: readonly Run[];
  readonly #parser: QueryParser | undefined;
  readonly #columns = new Map<string, Column>();
  readonly #told = new Set<string>();
  #names: readonly string[] | undefined;

  private constructor(at: Pick<Reader, 'dir' | 'indexPath' | 'reads' | 'skipped'>, runs: readonly Run[], parser: QueryParser | undefined) {
    this.dir = at.dir;
    this.indexPath = at.indexPath;
    this.reads = at.reads;
    this.skipped = at.skipped;
    this.#runs = runs;
    this.#parser = parser;
  }

  /**
   * Reads what there is: one experiment, whose trials are the runs; a directory of many, in folders of any depth; or MLXP's `logs/1/`, `logs/2/`, ….
   * What was found is kept in `database.json`, so that the next reader reads the index, and of the runs those that have changed. Where that file
   * cannot be written the index is in memory, with a warning. A run that cannot be read is in `skipped`, with a warning too.
   *
   * @throws {AttuneError} `EXPERIMENT_NOT_FOUND` for a directory that is not there, or has no runs; `STORAGE_UNWRITABLE` when nothing can be written to
   * `dstDir`; `OPTION_UNKNOWN`, `OPTION_RANGE`
   * @example
   * import { Reader } from 'attune';
   * declare const dir: string;
   * const reader = await Reader.open(dir, { dstDir: 'indexes' });
   * const small = reader.filter("info.status == 'COMPLETE' & config.model.num_units < 4");
   */
  static async open(dir: string, options: ReaderOptions = {}): Promise<Reader> {
    checkText('Reader.open', 'the directory', dir);
    checkReaderOptions(options);
    const root = resolve(dir);
    if (dir === '' || !statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw notFound(dir === '' ? dir : root, 'a directory', 'none');
    const reads: Reads = { directories: 0, files: 0 };
    const place = resolve(options.dstDir ?? root);
    const stored = readIndex(place, root, reads);
    const before = stored.kind === 'ours' && options.refresh !== true ? stored.index : undefined;
    const scanned: Scanned =
      before && options.refresh === false ? { index: before, strays: new Map(), isNew: false } : await scan(root, before ?? new Map(), reads);
    if (scanned.index.size === 0 && scanned.strays.size === 0) throw notFound(root, 'a directory with an experiment or runs in it', 'one without');
    const isKept =
      before !== undefined && !scanned.isNew
        ? true
        : keep(place, root, scanned, { isForeign: stored.kind === 'foreign', isAsked: options.dstDir !== undefined });
    const { runs, skipped } = runsOf(root, scanned);
    tellSkipped(root, skipped, runs.length);
    return new Reader({ dir: root, indexPath: isKept ? join(place, INDEX_FILE) : undefined, reads, skipped }, runs, options.parser);
  }

  /** How many runs there are. */
  get length(): number {
    return this.#runs.length;
  }

  /**
   * All fields with their types: `config.…`, `info.…`, metrics and artifacts. `console.log` prints a table.
   * @example
   * import type { Reader } from 'attune';
   * declare const reader: Reader;
   * reader.fields().get('config.optimizer.lr'); // 'float'
   */
  fields(): Fields {
    return new Fields(this.#fieldNames().map((name) => [name, this.#typeOf(name)]));
  }

  /** Those that a query may name: they begin with `config.` or `info.`. */
  searchable(): Fields {
    return new Fields([...this.fields()].filter(([name]) => isSearchable(name)));
  }

  /**
   * The runs that a query holds for, in order of their numbers; all of them for `''`.
   *
   * A comparison that no run can fulfil whatever its values, since none has the field or it holds text that is compared with a number, is a warning.
   *
   * @param query - such as `config.lr >= 1e-3 & ~ info.status in ['FAILED', 'RUNNING']`; see docs/reader.md
   * @throws {AttuneError} `QUERY_INVALID`, with the column; also for a field that is not searchable
   */
  filter(query: string = ''): Frame {
    checkText('filter', 'the query', query);
    const holds = this.#parser ? this.#parsed(this.#parser, query) : matchQuery(parseQuery(query), this.#column, (doubt) => this.#tell(doubt));
    const runs = this.#runs;
    const rows: RunCells[] = [];
    for (let i = 0; i < runs.length; i++) if (holds(i)) rows.push(new RunCells(runs[i] as Run));
    return new Frame(rows, () => this.#fieldNames());
  }

  /** @internal In the console: `Reader(18 runs; dir=/data/logs)`. */
  [INSPECT](depth: number | null): string {
    const skipped = this.skipped.length > 0 ? [`${this.skipped.length} skipped`] : [];
    return block('Reader', depth, () => [`${this.length} run${this.length === 1 ? '' : 's'}`, ...skipped, `dir=${oneLine(this.dir)}`]);
  }

  #parsed(parser: QueryParser, query: string): (run: number) => boolean {
    const holds = parser.parse(query);
    return (run) => holds(this.#runs[run]?.values ?? {});
  }

  readonly #column = (field: string): Column => {
    let column = this.#columns.get(field);
    if (column === undefined) {
      column = this.#runs.map(({ values }) => values[field]);
      this.#columns.set(field, column);
    }
    return column;
  };

  #fieldNames(): readonly string[] {
    this.#names ??= [...new Set(this.#runs.flatMap((run) => [...new RunCells(run).columns()]))].sort();
    return this.#names;
  }

  #typeOf(name: string): FieldType {
    if (isSearchable(name)) return typeOfValues(this.#column(name));
    return this.#runs.some(({ artifacts }) => Object.hasOwn(artifacts, name)) ? ARTIFACT : METRIC;
  }

  #tell({ field, at, kind, value }: Doubt): void {
    const where = `Reader.filter, column ${at + 1} of the query`;
    const known = [...this.#fieldNames()].filter(isSearchable);
    const message =
      kind === 'unknown'
        ? `${where}: no run has "${oneLine(field, 60)}", so this holds for none. Did you mean "${nearest(field, known) ?? ''}"?`
        : `${where}: no run has a value of "${oneLine(field, 60)}" that can be compared with ${describe(value)}, so this holds for none.`;
    if (this.#told.has(message)) return;
    this.#told.add(message);
    warn(message);
  }
}

function checkReaderOptions(options: ReaderOptions): void {
  checkOptions('Reader.open', options, ['refresh', 'dstDir', 'parser']);
  const { refresh, dstDir, parser } = options;
  if (refresh !== undefined && typeof refresh !== 'boolean')
    throw new AttuneError('OPTION_RANGE', `Reader.open: expected refresh to be true or false, got ${describe(refresh)}.`);
  if (dstDir !== undefined) checkText('Reader.open', 'dstDir', dstDir);
  if (parser !== undefined && typeof parser?.parse !== 'function')
    throw new AttuneError('OPTION_RANGE', `Reader.open: expected parser to have a function parse, got ${describe(parser)}.`);
}

/** Whether the index could be written. @throws {AttuneError} `STORAGE_UNWRITABLE` when the place was asked for */
function keep(place: string, root: string, { index }: Scanned, { isForeign, isAsked }: { readonly isForeign: boolean; readonly isAsked: boolean }): boolean {
  const path = join(place, INDEX_FILE);
  const inMemory = 'the index is kept in memory, and is made anew the next time';
  if (isForeign) {
    warn(`Reader.open: ${path} was written by another program, and stays as it is: ${inMemory}. Give a dstDir for it.`);
    return false;
  }
  try {
    writeIndex(place, root, index);
    return true;
  } catch (error) {
    if (isAsked) throw error;
    warn(`${(error as Error).message.split(' Hint: ')[0]} So ${inMemory}. Give a dstDir for it.`);
    return false;
  }
}

function tellSkipped(root: string, skipped: readonly SkippedRun[], runs: number): void {
  const [first] = skipped;
  if (first === undefined) return;
  const all = skipped.length === 1 ? '1 directory is' : `${skipped.length} directories are`;
  warn(`Reader.open: ${all} skipped beside ${runs} runs of ${root}: ${first.path}: ${first.reason}${skipped.length > 1 ? '; reader.skipped has all' : ''}.`);
}

const notFound = (path: string, expected: string, got: string): AttuneError =>
  new AttuneError('EXPERIMENT_NOT_FOUND', `Reader.open: expected ${expected}, got ${got} at "${path}".`, {
    hint: 'Give the directory of an experiment (it holds journal.jsonl), one of several experiments, or the logs/ of MLXP.',
  });
