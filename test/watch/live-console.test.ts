import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trialId } from '../../src/trial/ids.ts';
import { consoleReporter } from '../../src/watch/console-reporter.ts';
import { type FakeStream, fakeTerminal } from './fake-terminal.ts';
import { isAsItWas, onTerminal, titlesOf } from './on-terminal.ts';
import { Screen } from './screen.ts';
import { reported, Story } from './story.ts';

describe('the table', () => {
  test('is drawn anew in place, with what is used of the machine, and stays when the run is over', async () => {
    const { terminal, screen, told, opens, closes, disposes, table } = onTerminal();
    await opens();
    expect(screen.lines()).toEqual([
      'Tuning train: basicVariant, asha, samples: 3, 2 trials at a time',
      '  in /tmp/runs/test',
      'Tuning train: 0 of 3 trials done in 0 s',
      'Trials   0',
      'Search   searcher basicVariant, scheduler asha',
      'In use   0/8 CPUs, 0/1 GPUs, memory 4.0/16.0 GiB',
      'Results  /tmp/runs/test',
    ]);
    await told.starts({ lr: 1 });
    await told.happens(reported(0, 1, { score: 0.5 }));
    terminal.pass(2000);
    expect(table()).toEqual([
      'Tuning train: 0 of 3 trials done in 2 s',
      'Trials   1 (1 RUNNING)',
      'Search   searcher basicVariant, scheduler asha',
      'In use   2/8 CPUs, 1/1 GPUs, memory 4.0/16.0 GiB',
      'Results  /tmp/runs/test',
      'Best     score=0.5 (max)  3af6c_00000  iter 1  lr=1',
      '',
      '  trial        status   loc      lr  score  time (s)  iter',
      '* 3af6c_00000  RUNNING  here:42   1    0.5      1.00     1',
    ]);
    expect(screen.isCursorVisible && screen.isWrapping).toBe(true);
    await told.happens({ kind: 'completed', trial: trialId(0) });
    await closes();
    await disposes();
    expect(table().slice(-7)).toEqual(
      [
        '',
        '  trial        status      loc      lr  score  time (s)  iter',
        '* 3af6c_00000  TERMINATED  here:42   1    0.5      1.00     1',
        '',
        '1 trial: 1 completed (all trials have ended)',
        'Best score (max): 3af6c_00000  score=0.5  iter 1  lr=1',
        'Results: /tmp/runs/test',
      ].slice(-7),
    );
    expect(titlesOf(screen)).toHaveLength(1);
    expect(isAsItWas(terminal)).toBe(true);
  });

  test('stays, and the terminal is given back, when a run ends without a last line of its journal', async () => {
    const { terminal, screen, opens, disposes } = onTerminal();
    await opens();
    terminal.stdout.write('half a line');
    await disposes();
    expect(screen.lines()[2]).toBe('half a line');
    expect(titlesOf(screen)).toHaveLength(1);
    expect(isAsItWas(terminal)).toBe(true);
  });

  test('costs nothing while nobody looks: a report draws no frame, and ten thousand draw one', async () => {
    const { terminal, told, opens } = onTerminal();
    await opens();
    await told.starts();
    terminal.pass(250);
    terminal.stderr.taken();
    for (let step = 1; step <= 10_000; step++) await told.happens(reported(0, step, { score: step }));
    expect(terminal.stderr.taken()).toBe('');
    terminal.pass(250);
    expect(terminal.stderr.taken().split('Tuning').length).toBe(2);
    terminal.pass(250);
    expect(terminal.stderr.taken()).toBe('');
    terminal.pass(750);
    expect(terminal.stderr.taken()).toContain('in 1 s'); // the clock goes on
  });

  test('rests two hundred times as long as a frame took', async () => {
    let now = 0;
    const { terminal, told, opens } = onTerminal({
      reporter: () => {
        now += 10;
        return 'slow';
      },
    });
    Object.assign(terminal, { now: () => now });
    await opens();
    await told.starts();
    terminal.stderr.taken();
    now += 1999;
    terminal.pass(0);
    expect(terminal.stderr.taken()).toBe('');
    now += 1;
    terminal.pass(0);
    expect(terminal.stderr.taken()).toContain('slow');
  });

  test('a failure is told above it, once; with verbose 2 everything is, and the table has half of the height', async () => {
    for (const [verbose, lines] of [
      [1, ['failed']],
      [2, ['reported', 'reported', 'failed']],
    ] as const) {
      const { terminal, screen, told, opens } = onTerminal({ verbose });
      await opens();
      for (let i = 0; i < 30; i++) await told.starts({ lr: i });
      await told.happens(reported(0, 1, { score: 1 }), reported(0, 2, { score: 2 }));
      await told.happens({ kind: 'failed', trial: trialId(0), error: { name: 'TypeError', message: 'no\nreally' } });
      terminal.pass(250);
      const seen = screen.lines();
      const title = seen.findIndex((line) => line.startsWith('Tuning train: 1 of'));
      expect(
        seen
          .slice(2, title)
          .join('')
          .match(/reported|failed/g),
      ).toEqual(lines);
      expect(seen.length - title).toBe(verbose === 1 ? 23 : 11);
    }
  });
});

describe('what others print', () => {
  test('comes to stand above the table, a whole line at a time, and keeps its meaning for who writes', async () => {
    const { terminal, screen, opens, closes, table } = onTerminal();
    await opens();
    const before = table();
    const written: string[] = [];
    const print = (stream: FakeStream, ...parts: unknown[]) => (stream as unknown as { write(...parts: unknown[]): boolean }).write(...parts);
    expect(print(terminal.stdout, 'one\ntwo ', () => written.push('one'))).toBe(true);
    expect(print(terminal.stderr, 'noise\n')).toBe(true);
    const half = Buffer.from('zwei — 2\n');
    expect(print(terminal.stdout, half.subarray(0, 6))).toBe(true);
    expect(print(terminal.stdout, half.subarray(6), () => written.push('zwei'))).toBe(true);
    print(terminal.stdout, '686578', 'hex', () => written.push('hex'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toEqual(['one', 'zwei', 'hex']);
    expect(screen.lines().slice(2, 5)).toEqual(['one', 'noise', 'two zwei — 2']);
    expect(table()).toEqual(before);
    await closes();
    expect(screen.lines()[5]).toBe('hex'); // the end of the run is the end of the line
  });

  test('whatever is printed and whenever: every line once, in order, and one whole table', async () => {
    const lines = fc.array(
      fc.tuple(
        fc.constantFrom('stdout', 'stderr'),
        fc.string({ unit: fc.constantFrom('a', 'é', '漢', '\n', ' '), maxLength: 120 }),
        fc.constantFrom(0, 0, 250, 1000),
      ),
      {
        maxLength: 80,
      },
    );
    await fc.assert(
      fc.asyncProperty(lines, async (prints) => {
        const { terminal, screen, told, opens, closes, disposes } = onTerminal();
        await opens();
        await told.starts({ lr: 1 });
        for (const [name, text, ms] of prints) {
          (name === 'stdout' ? terminal.stdout : terminal.stderr).write(text);
          if (ms > 0) {
            await told.happens(reported(0, (told.trials[0]?.step ?? 0) + 1, { score: 1 }));
            terminal.pass(ms);
          }
        }
        await told.happens({ kind: 'completed', trial: trialId(0) });
        await closes();
        await disposes();
        const ofStream = (which: string) =>
          prints
            .filter(([name]) => name === which)
            .map(([, text]) => text)
            .join('');
        const plain = new Screen(80, 24);
        const whole = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
        const seen = screen.lines();
        const above = seen.slice(
          2,
          seen.findIndex((line) => line.startsWith('Tuned train: ')),
        );
        plain.write(whole(ofStream('stdout')) + whole(ofStream('stderr')));
        expect([...above].filter(Boolean).sort()).toEqual([...plain.lines()].filter(Boolean).sort());
        expect(titlesOf(screen)).toHaveLength(1);
        expect(isAsItWas(terminal)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('after every single write the cursor is visible and lines wrap: a process that is killed there leaves them so', async () => {
    const { terminal, screen, told, opens } = onTerminal();
    const asItWas: boolean[] = [];
    for (const stream of [terminal.stderr, terminal.stdout]) {
      stream.onText = (text) => {
        screen.write(text);
        asItWas.push(screen.isCursorVisible && screen.isWrapping);
      };
    }
    await opens();
    await told.starts({ lr: 1 });
    terminal.pass(250);
    terminal.stdout.write('one\n');
    terminal.stderr.emit('resize');
    expect(asItWas.length).toBeGreaterThan(5);
    expect(asItWas).not.toContain(false);
  });

  test('is left alone where it does not go to the terminal', async () => {
    const terminal = fakeTerminal({}, true);
    const { stdout, ...elsewhere } = terminal;
    const told = new Story('/tmp/runs/test', { callbacks: [consoleReporter({ terminal: elsewhere })] });
    await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2 });
    stdout.write('half a line');
    expect(Object.hasOwn(stdout, 'write')).toBe(false);
    expect(stdout.taken()).toBe('half a line');
  });

  test('a guard that somebody has built upon lets everything through afterwards', async () => {
    const { terminal, screen, opens, closes } = onTerminal();
    await opens();
    const { stdout } = terminal;
    const guarded = stdout.write;
    const wrapped = (...parts: Parameters<typeof guarded>) => guarded.apply(stdout, parts);
    stdout.write = wrapped;
    await closes();
    expect(stdout.write).toBe(wrapped);
    stdout.write('after');
    expect(screen.lines().at(-1)).toBe('after');
  });

  test('when the process exits, what was held back is not lost', async () => {
    const { terminal, screen, opens } = onTerminal();
    await opens();
    terminal.stdout.write('the last words');
    terminal.exit();
    expect(screen.lines().at(-1)).toBe('the last words');
  });
});

describe('a terminal that changes', () => {
  test('wider or narrower: the next frame has its size at once, and nothing of the last one is left', async () => {
    const { terminal, screen, told, opens, table } = onTerminal();
    await opens();
    await told.starts({ lr: 1 });
    await told.happens(reported(0, 1, { score: 0.5 }));
    terminal.pass(250);
    for (const columns of [200, 60, 41, 80]) {
      screen.resize(columns);
      terminal.stderr.columns = columns;
      terminal.stderr.emit('resize');
      expect(titlesOf(screen)).toHaveLength(1);
      expect(Math.max(...table().map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
    expect(table()).toHaveLength(9);
    expect(screen.lines()).toHaveLength(11);
  });

  test('one that does not know its size is taken for 80 × 24', async () => {
    const { terminal, screen, opens } = onTerminal();
    Object.assign(terminal.stderr, { columns: 0, rows: undefined });
    await opens();
    expect(screen.lines()).toHaveLength(7);
  });

  test('after Ctrl-Z and fg the table goes on below what the shell has said', async () => {
    const { terminal, screen, opens } = onTerminal();
    await opens();
    screen.write('[1]+  Stopped\n$ fg\n');
    terminal.resume();
    expect(screen.lines()).toContain('[1]+  Stopped');
    expect(screen.lines()).toHaveLength(2 + 5 + 2 + 5);
  });

  test('one that goes away: the console falls silent, and nobody else is harmed', async () => {
    const { terminal, told, opens, closes, disposes } = onTerminal();
    await opens();
    for (const stream of [terminal.stderr, terminal.stdout]) stream.isClosed = true;
    await told.starts();
    terminal.pass(1000);
    terminal.stdout.write('a print of the script\n');
    await new Promise((resolve) => setImmediate(resolve));
    terminal.pass(1000);
    await told.runs({}, [{ score: 1 }]);
    await closes();
    await disposes();
    for (const print of ['after the run', 'and again']) terminal.stdout.write(print); // the end of the script, unless somebody listens
    await new Promise((resolve) => setImmediate(resolve));
    expect(terminal.listeners()).toBe(0);
    expect([terminal.stderr, terminal.stdout].map((stream) => [stream.eventNames(), stream.listenerCount('error')])).toEqual([
      [['error'], 1],
      [['error'], 1],
    ]);
  });

  test('a pipe that nobody reads any more', async () => {
    const terminal = fakeTerminal();
    const console = consoleReporter({ terminal });
    const told = new Story('/tmp/runs/test', { callbacks: [console] });
    terminal.stderr.isClosed = true;
    await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2 });
    await new Promise((resolve) => setImmediate(resolve));
    terminal.stderr.isClosed = false; // it stays silent
    await told.runs({}, [{ score: 1 }]);
    await told.happens({ kind: 'closed', why: '' });
    await console[Symbol.asyncDispose]?.();
    expect(terminal.stderr.text).toBe('');
    terminal.stderr.isClosed = true;
    terminal.stderr.write('what the script says after it\n'); // ends the process when nobody listens
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('two runs at once: the second one writes lines above the table of the first', async () => {
    const first = onTerminal();
    await first.opens();
    const second = new Story('/tmp/runs/second', { callbacks: [consoleReporter({ terminal: first.terminal })] });
    await second.happens({ kind: 'opened', pid: 1, host: 'here', samples: 1, slots: 1 });
    await second.runs({ lr: 2 }, [{ score: 3 }]);
    const lines = first.screen.lines();
    expect(lines.findIndex((line) => line.includes(' completed '))).toBeLessThan(lines.findIndex((line) => line.startsWith('Tuning train: 0 of')));
    expect(titlesOf(first.screen)).toHaveLength(1);
    await first.closes();
    await first.disposes();
    const third = new Story('/tmp/runs/third', { callbacks: [consoleReporter({ terminal: first.terminal })] });
    await third.happens({ kind: 'opened', pid: 1, host: 'here', samples: 1, slots: 1 });
    expect(first.screen.lines().at(-1)).toBe('Results  /tmp/runs/third'); // the terminal was free again
  });
});
