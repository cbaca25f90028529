import type { JsonObject } from '../base/json.ts';
import { listen } from '../base/listen.ts';
import { describe } from '../base/options.ts';
import { warn as warnUser } from '../base/warn.ts';
import type { JournalLine } from '../trial/events.ts';
import type { Callback, ExperimentView } from './callback.ts';
import { eventLines, summaryLines } from './event-lines.ts';
import { cutLines } from './live-area.ts';
import { type LiveTable, liveTable } from './live-table.ts';
import { type Snapshot, type Swept, snapshotOf, sweptBy } from './snapshot.ts';
import { type Reporter, type Room, statusTable } from './status-table.ts';
import { hasColor, processTerminal, type Terminal, type TerminalStream } from './terminal.ts';

/** What `consoleReporter` takes. */
export interface ConsoleReporterOptions {
  /** 0: silent. 1 (default): on a terminal a live table, elsewhere a line for each trial that ends. 2: every report, checkpoint, pause and retry too. */
  readonly verbose?: 0 | 1 | 2;
  /** Text in the place of the table; where there is no terminal it is shown once, at the end. Default `statusTable`. */
  readonly reporter?: Reporter;
  /** The last lines of a session, below its summary and all warnings: asked for when the reporter is closed. Default: none. */
  readonly closing?: () => readonly string[];
  /** Default: this process's. */
  readonly terminal?: Terminal;
  /** Says that `reporter` threw: once. Default: a warning of the process. */
  readonly warn?: (message: string) => void;
}

/** The room of a reporter where no terminal says how large it is. */
const PAGE = { columns: 200, rows: 200 };

/**
 * Shows on standard error what becomes of the trials: a live table on a terminal, plain lines elsewhere. Nothing that it does,
 * nor a terminal that goes away, ends a run: it goes silent. The callback of one run at a time.
 *
 * @example
 * import { consoleReporter, type RunConfig } from 'attune';
 *
 * const runConfig: RunConfig = { verbose: 0, callbacks: [consoleReporter({ verbose: 1, reporter: ({ done, expected }) => `${done} of ${expected}` })] };
 */
export function consoleReporter(options: ConsoleReporterOptions = {}): Callback {
  const { verbose = 1, warn = warnUser } = options;
  if (verbose === 0) return { name: 'console', onEvent() {} };
  return new Console({ ...options, verbose, warn });
}

/** What is known of the session that is watched. */
interface Session {
  readonly view: ExperimentView;
  readonly openedAt: number;
  /** The same moment by the clock of the journal. */
  readonly openedAtMs: number;
  readonly samples: number | 'unlimited';
  readonly resources: JsonObject;
  readonly devices?: number;
  readonly swept: Swept;
  exhausted: boolean;
  ended?: string;
}

class Console implements Callback {
  readonly name = 'console';
  readonly #verbose: 1 | 2;
  readonly #warn: (message: string) => void;
  readonly #closing: () => readonly string[];
  #reporter: Reporter | undefined;
  #terminal: Terminal | undefined;
  #session: Session | undefined;
  #table: LiveTable | undefined;
  #isGone = false;
  #isOver = false;
  #unlisten: readonly (() => void)[] = [];

  constructor({ terminal, verbose, reporter, warn, closing = () => [] }: ConsoleReporterOptions & { verbose: 1 | 2; warn: (message: string) => void }) {
    this.#closing = closing;
    this.#terminal = terminal;
    this.#verbose = verbose;
    this.#reporter = reporter;
    this.#warn = warn;
  }

  onEvent(event: JournalLine, view: ExperimentView): void {
    const table = this.#table;
    if (table !== undefined) {
      table.touch();
      if (event.kind === 'reported' && this.#verbose === 1) return; // ten thousand times a second
    }
    if (this.#session && event.kind === 'exhausted') this.#session.exhausted = true;
    if (event.kind === 'opened') this.#open(event, view);
    else if (event.kind === 'closed') this.#close(event.why);
    else if (table === undefined) this.#print(eventLines(event, view, this.#verbose));
    else if (this.#verbose === 2 || event.kind === 'failed') for (const line of eventLines(event, view, this.#verbose)) table.say(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await new Promise((resolve) => setImmediate(resolve)); // warnings of the session are shown by then
    if (this.#isOver) this.#print(this.#closing());
    await new Promise((resolve) => setImmediate(resolve)); // what went wrong with the last write is told by then
    for (const unlisten of this.#unlisten) unlisten();
  }

  #open(event: JournalLine & { kind: 'opened' }, view: ExperimentView): void {
    const terminal = (this.#terminal ??= processTerminal());
    const { samples, resources = {}, devices } = event;
    this.#session = {
      ...{ view, openedAt: terminal.now(), openedAtMs: event.at, samples, resources, swept: sweptBy(view.created), exhausted: false },
      ...(devices ? { devices: devices.length } : {}),
    };
    this.#unlisten = streamsOf(terminal).map((stream) => listen(stream, 'error', this.#lose));
    this.#print(eventLines(event, view, this.#verbose));
    const share = this.#verbose === 1 ? 1 : 1 / 2; // the lines above it are to be read too
    this.#table = liveTable(terminal, { render: (room) => this.#frame(room), isGone: () => this.#isGone, share });
  }

  #close(why?: string): void {
    const session = this.#session;
    const terminal = this.#terminal;
    if (!session || !terminal) return;
    if (why !== undefined) session.ended = why;
    const table = this.#table;
    if (table) table.close();
    else if (this.#reporter) this.#printPage({ ...PAGE, color: hasColor(terminal) });
    this.#table = undefined;
    this.#session = undefined;
    if (why === undefined) return;
    this.#isOver = true;
    this.#print([...(table ? [''] : []), ...summaryLines(session.view, why)]);
  }

  /** A frame, drawn from a timer: nothing in it may throw. */
  #frame(room: Room): string {
    try {
      return this.#textOf(this.#snapshot(), room);
    } catch (error) {
      this.#isGone = true;
      this.#warn(`the console could not show the trials, and goes silent: ${messageOf(error)}`);
      return '';
    }
  }

  #textOf(snapshot: Snapshot, room: Room): string {
    try {
      const text: unknown = this.#reporter?.(snapshot, room);
      if (typeof text === 'string') return text;
      if (this.#reporter) throw new TypeError(`expected it to return a string, got ${refusedText(text)}`);
    } catch (error) {
      this.#reporter = undefined;
      this.#warn(`runConfig.reporter threw, and the table takes its place: ${messageOf(error)}`);
    }
    return statusTable(snapshot, room);
  }

  #snapshot(): Snapshot {
    const { view, openedAt, openedAtMs, ...facts } = this.#session as Session;
    const terminal = this.#terminal as Terminal;
    const elapsed = terminal.now() - openedAt;
    return snapshotOf(view, { ...facts, machine: terminal.machine(), elapsedS: elapsed / 1000, now: openedAtMs + elapsed });
  }

  #printPage(room: Room): void {
    this.#print(cutLines(this.#frame(room), room));
  }

  #print(lines: readonly string[]): void {
    if (lines.length === 0 || this.#isGone) return;
    this.#terminal?.stderr.write(`${lines.join('\n')}\n`);
  }

  /** The terminal has gone away, or whoever read the pipe. What the script prints there later is lost too, and must not end it. */
  readonly #lose = (): void => {
    this.#isGone = true;
    if (this.#terminal) for (const stream of streamsOf(this.#terminal)) listen(stream, 'error', ignore);
  };
}

const ignore = (): void => {};
const streamsOf = ({ stderr, stdout }: Terminal): readonly TerminalStream[] => [...new Set([stderr, ...(stdout ? [stdout] : [])])];

/** What stands in the place of a reporter's text. A promise that rejects must not end the process beside being refused. */
function refusedText(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('then' in value)) return describe(value);
  Promise.resolve(value).catch(ignore);
  return 'a promise';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
