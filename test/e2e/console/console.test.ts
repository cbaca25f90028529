import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { Screen } from '../../watch/screen.ts';

/** These need a real terminal, which Python's `pty` gives: `python3` has to be there, on anything but Windows. */
const exec = promisify(execFile);
const script = join(import.meta.dirname, 'scripts/tune.mjs');
const root = mkdtempSync(join(tmpdir(), 'attune-e2e-console-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const { CI: _ci, FORCE_COLOR: _force, NO_COLOR: _no, ...inherited } = process.env;
let folders = 0;
const settings = (env: Readonly<Record<string, string>>) => {
  const FOLDER = join(root, String(++folders));
  mkdirSync(FOLDER);
  return { ...inherited, TERM: 'xterm-256color', FOLDER, ...env };
};

/** The script in a terminal: what somebody sees there. */
class Terminal {
  readonly screen: Screen;
  readonly folder: string;
  raw = '';
  readonly #child;
  readonly #ended: Promise<unknown>;
  #status = '';
  #waiting: (() => void)[] = [];

  constructor(env: Readonly<Record<string, string>> = {}, command: readonly string[] = [process.execPath, script], [columns, rows] = [90, 30]) {
    this.screen = new Screen(columns, rows);
    const all = settings(env);
    this.folder = all.FOLDER;
    this.#child = spawn('python3', [join(import.meta.dirname, 'terminal.py'), String(columns), String(rows), ...command], { env: all, cwd: all.FOLDER });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.raw += text;
      this.screen.write(text);
      for (const look of this.#waiting.splice(0)) look();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#status += text));
    this.#ended = once(this.#child, 'close');
  }

  order(text: string): void {
    this.#child.stdin.write(`${text}\n`);
  }

  /** Lets the trials go on. */
  go(): void {
    writeFileSync(join(this.folder, 'go'), '');
  }

  /** Resolves when the screen is as `holds` wants it. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The exit status of the script, negative for a signal. */
  async end(): Promise<number> {
    await this.#ended;
    return Number(this.#status.trim().split('\n').at(-1));
  }

  count(pattern: RegExp): number {
    return this.screen.lines().filter((line) => pattern.test(line)).length;
  }

  /** All that the trials have printed, by file. */
  printed(name: 'stdout' | 'stderr'): readonly string[] {
    const run = join(this.folder, 'run');
    return readdirSync(run)
      .map((dir) => join(run, dir, name))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8'));
  }
}

const TITLE = /^Tun(ing|ed) train: \d of 3 trials done/;
const isTable = ({ screen }: Terminal): boolean =>
  screen.lines().filter((line) => /^[* ] [0-9a-f]{5}_\d{5} {2}(RUNNING|PENDING|TERMINATED)/.test(line)).length === 3;
const stdout = ['trial prints 1', 'in parts', 'trial prints 2', 'in parts', 'trial prints 3', 'in parts', ''].join('\n');

describe.skipIf(process.platform === 'win32')('on a terminal', () => {
  test('a table, which nothing that is printed tears; what trials print is in their files alone', async () => {
    const terminal = new Terminal({ WAIT: 'yes' });
    await terminal.until(() => terminal.count(/^ {2}\w+ +RUNNING .* 1$/) + terminal.count(/^\* \w+ +RUNNING .* 1$/) === 2);
    expect(terminal.count(TITLE)).toBe(1);
    expect(terminal.count(/^main prints 1$/)).toBe(2);
    terminal.go();
    expect(await terminal.end()).toBe(0);
    expect(terminal.count(TITLE)).toBe(1);
    expect(isTable(terminal)).toBe(true);
    expect(
      terminal.screen
        .lines()
        .join('\n')
        .match(/main prints \d/g),
    ).toHaveLength(9);
    expect(
      terminal.screen
        .lines()
        .join('\n')
        .match(/a part /g),
    ).toHaveLength(3);
    expect(terminal.count(/^top level$/)).toBe(1);
    expect(terminal.count(/^top level, worker$/)).toBe(2);
    expect(terminal.count(/trial (prints|warns)/)).toBe(0);
    expect(terminal.printed('stdout')).toEqual([stdout, stdout, stdout]);
    expect(terminal.printed('stderr')[0]).toMatch(/^trial warns 1\nand does not end its linetrial warns 2\n/);
    expect(terminal.screen.lines().slice(-4).join('\n')).toMatch(/^3 trials: 3 completed.*\nBest loss \(min\): .*\nResults: .*\/run\n\{"x":.*\}$/);
    expect(terminal.screen.isCursorVisible && terminal.screen.isWrapping).toBe(true);
    expect(terminal.raw).toMatch(/\x1b\[36mRUNNING\x1b\[39m/);
  });

  test('verbose 2: reports and what trials print come to stand above it, with the name of the trial', async () => {
    const terminal = new Terminal({ VERBOSE: '2' });
    expect(await terminal.end()).toBe(0);
    expect(terminal.count(TITLE)).toBe(1);
    expect(terminal.count(/^\w{5}_\d{5} \| trial prints \d$/)).toBe(9);
    expect(terminal.count(/^\w{5}_\d{5} \| in parts$/)).toBe(9);
    expect(terminal.count(/^\w{5}_\d{5} \| and does not end its line$/)).toBe(3);
    expect(terminal.count(/^\w{5}_\d{5} reported /)).toBe(9);
    expect(terminal.printed('stdout')).toEqual([stdout, stdout, stdout]);
  });

  test('inline: what trials print comes to stand above it, and there are no files', async () => {
    const terminal = new Terminal({ EXECUTOR: 'inline', SILENT: 'yes' });
    expect(await terminal.end()).toBe(0);
    expect(terminal.count(TITLE)).toBe(1);
    expect(terminal.count(/^trial prints \d$/)).toBe(9);
    expect(isTable(terminal)).toBe(true);
    expect([...terminal.printed('stdout'), ...terminal.printed('stderr')]).toEqual([]);
  });

  test('verbose 0: only what the script and its modules print', async () => {
    const terminal = new Terminal({ VERBOSE: '0', SILENT: 'yes' });
    expect(await terminal.end()).toBe(0);
    expect(terminal.raw).toMatch(/^top level\r\n(top level, worker\r\n){2}\{"x":[\d.]+\}\r\n$/);
  });

  test('NO_COLOR: no colours', async () => {
    const terminal = new Terminal({ NO_COLOR: '1' });
    expect(await terminal.end()).toBe(0);
    expect(terminal.count(TITLE)).toBe(1);
    expect(terminal.raw).not.toMatch(/\x1b\[[\d;]*m/);
  });

  test('a resize: the next frame has the new size, and nothing of the last one is left', async () => {
    const terminal = new Terminal({ WAIT: 'yes', SILENT: 'yes' });
    await terminal.until(() => terminal.count(/RUNNING .* 1$/) === 2);
    for (const columns of [60, 120]) {
      terminal.screen.resize(columns);
      terminal.raw = '';
      terminal.order(`resize ${columns} 30`);
      const trials = columns === 60 ? /RUNNING +0\.\d+/ : /RUNNING +\S+:\d+ +0\.\d+/; // loc is shown where there is room
      await terminal.until(() => terminal.raw.includes('Tuning') && terminal.count(trials) === 2);
      expect(terminal.count(TITLE)).toBe(1);
    }
    terminal.go();
    expect(await terminal.end()).toBe(0);
    expect(terminal.count(TITLE)).toBe(1);
  });

  test('a window that is closed: the run goes on to its end, and the script after it, whatever it prints', async () => {
    const terminal = new Terminal({ WAIT: 'yes' });
    await terminal.until(() => terminal.count(/RUNNING .* 1$/) === 2);
    terminal.order('close');
    terminal.go();
    const status = await terminal.end();
    expect(JSON.parse(readFileSync(join(terminal.folder, 'done'), 'utf8'))).toEqual(['TERMINATED', 'TERMINATED', 'TERMINATED']);
    // Node 20 aborts when it has ended and wants to give back a terminal that is gone, whatever the script was.
    if (!process.version.startsWith('v20.')) expect(status).toBe(0);
  });

  test('Ctrl-C once: the run ends, and the terminal is as it was', async () => {
    const terminal = new Terminal({ WAIT: 'yes', SILENT: 'yes' });
    await terminal.until(() => terminal.count(/RUNNING .* 1$/) === 2);
    terminal.order('interrupt');
    expect(await terminal.end()).toBe(130);
    expect(terminal.count(/\(SIGINT was received\)$/)).toBe(2);
    expect(terminal.count(/^npx attune resume \S/)).toBe(1);
    expect(terminal.screen.isCursorVisible && terminal.screen.isWrapping).toBe(true);
  });

  test('Ctrl-C twice: the process dies of it, with a cursor, below the table', async () => {
    const terminal = new Terminal({ WAIT: 'yes', SILENT: 'yes' }, [process.execPath, join(import.meta.dirname, 'scripts/stuck.mjs')]);
    await terminal.until(() => terminal.count(/RUNNING .* 1$/) > 0); // past its only report, where a stop would reach it
    terminal.order('interrupt');
    await terminal.until(() => terminal.count(/first signal/) > 0);
    terminal.order('interrupt');
    expect(await terminal.end()).toBe(-2);
    expect(terminal.screen.isCursorVisible && terminal.screen.isWrapping).toBe(true);
    expect(terminal.screen.cursor.row).toBeGreaterThan(terminal.screen.lines().findIndex((line) => line.includes('RUNNING')));
  });

  test('node tune.mjs > best.json: the table is on the terminal, and in the file what the script prints', async () => {
    const terminal = new Terminal({}, ['sh', '-c', '"$0" "$1" > best.json', process.execPath, script]);
    expect(await terminal.end()).toBe(0);
    const lines = readFileSync(join(terminal.folder, 'best.json'), 'utf8').split('\n');
    expect(lines.at(0)).toBe('top level');
    expect(lines.slice(1, -2).every((line) => /^(main prints \d|(a part )*(and its end)?(main prints \d)?)*$/.test(line))).toBe(true);
    expect(Object.keys(JSON.parse(lines.at(-2) ?? '') as object)).toEqual(['x']);
    expect(terminal.count(TITLE)).toBe(1);
    expect(isTable(terminal)).toBe(true);
    expect(terminal.count(/main prints|a part|\{"x"/)).toBe(0);
  });
});

describe('without a terminal', () => {
  test('plain lines on standard error; standard output holds what the script prints, and nothing of trials and workers', async () => {
    const env = settings({ SILENT: 'yes' });
    const { stdout: out, stderr } = await exec(process.execPath, [script], { env });
    expect(out).toMatch(/^top level\n\{"x":[\d.]+\}\n$/);
    expect(stderr).not.toContain('\x1b');
    const lines = stderr.trimEnd().split('\n');
    expect(lines.filter((line) => line === 'top level, worker')).toHaveLength(2);
    expect(lines.filter((line) => / completed +loss=/.test(line))).toHaveLength(3);
    expect(lines.filter((line) => line.includes(join(env.FOLDER, 'run')))).toEqual([`  in ${join(env.FOLDER, 'run')}`, `Results: ${join(env.FOLDER, 'run')}`]);
    expect(stderr).not.toContain('trial prints');
  });

  test('verbose 2: reports, and what trials print', async () => {
    const { stderr } = await exec(process.execPath, [script], { env: settings({ SILENT: 'yes', VERBOSE: '2' }) });
    expect(stderr.match(/^\w{5}_\d{5} \| trial prints \d$/gm)).toHaveLength(9);
    expect(stderr.match(/^\w{5}_\d{5} reported /gm)).toHaveLength(9);
  });

  test('a pipe that is closed while it runs: the run goes on to its end', async () => {
    const env = settings({ WAIT: 'yes', SILENT: 'yes', VERBOSE: '2' });
    const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    await once(child.stderr, 'data');
    child.stderr.destroy();
    writeFileSync(join(env.FOLDER, 'go'), '');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(JSON.parse(readFileSync(join(env.FOLDER, 'done'), 'utf8'))).toEqual(['TERMINATED', 'TERMINATED', 'TERMINATED']);
  });
});
