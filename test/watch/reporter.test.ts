import { describe, expect, test } from 'vitest';
import { consoleReporter } from '../../src/watch/console-reporter.ts';
import type { Reporter } from '../../src/watch/status-table.ts';
import { fakeTerminal } from './fake-terminal.ts';
import { onTerminal } from './on-terminal.ts';
import { Story } from './story.ts';

describe('where there is no table', () => {
  test.each([
    ['a pipe', {}, false],
    ['a dumb terminal', { TERM: 'dumb' }, true],
    ['CI', { CI: 'true' }, true],
  ])('%s gets plain lines', async (_, env, isTTY) => {
    const terminal = fakeTerminal(env, isTTY);
    const told = new Story('/tmp/runs/test', { callbacks: [consoleReporter({ terminal })] });
    await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2 });
    await told.runs({ lr: 1 }, [{ score: 1 }]);
    await told.happens({ kind: 'closed', why: '' });
    expect(terminal.stderr.text).not.toContain('\x1b');
    expect(terminal.stderr.text.split('\n')).toHaveLength(7);
    expect(terminal.stdout.text).toBe('');
  });

  test('a reporter is shown there once, at the end', async () => {
    const terminal = fakeTerminal({ FORCE_COLOR: '1' });
    const told = new Story('/tmp/runs/test', {
      callbacks: [consoleReporter({ terminal, reporter: ({ done }, { color }) => `${done} done${color ? ', in colour' : ''}` })],
    });
    await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2 });
    await told.runs({ lr: 1 }, [{ score: 1 }]);
    terminal.pass(5000);
    await told.happens({ kind: 'closed', why: '' });
    expect(terminal.stderr.text.match(/^\d done.*$/gm)).toEqual(['1 done, in colour']);
  });
});

test.each([
  [{}, ' bell'],
  [{ FORCE_COLOR: '1' }, ' \x1b[31mbell\x1b[39m'],
])('with %o the text of a reporter has nothing in it that steers whoever reads it, and no more lines than it is told', async (env, expected) => {
  const terminal = fakeTerminal(env);
  let rows = 0;
  const reporter: Reporter = (_, room) => {
    rows = room.rows;
    return `\x1b[2J\x07\x1b[31mbell\x1b[39m\x1b]0;title\x07\r\n${'more\n'.repeat(100_000)}`;
  };
  const told = new Story('/tmp/runs/test', { callbacks: [consoleReporter({ terminal, reporter })] });
  await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2 });
  terminal.stderr.taken();
  await told.happens({ kind: 'closed', why: '' });
  const lines = terminal.stderr.text.split('\n');
  expect(lines[0]).toBe(expected);
  expect(lines.filter((line) => line === 'more')).toHaveLength(rows - 1);
});

describe('colours', () => {
  test.each([
    [{}, true],
    [{ NO_COLOR: '' }, true],
    [{ NO_COLOR: '0' }, false],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: '3' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('with %o on a terminal: %s', async (env, expected) => {
    const { terminal, opens } = onTerminal({}, env);
    await opens();
    expect(/\x1b\[\d+m/.test(terminal.stderr.text)).toBe(expected);
  });
});

describe('a reporter of the user', () => {
  test('takes the place of the table, cut to the terminal and with nothing in it that steers it', async () => {
    const { terminal, screen, opens } = onTerminal({
      reporter: () => `\x1b[2J\x1b[31m${'wide '.repeat(100)}\x1b[39m\r\n\x07bell\x1b]0;title\x07\n${'more\n'.repeat(100)}`,
    });
    await opens();
    expect(screen.lines()).toHaveLength(2 + 23);
    expect(screen.lines()[2]).toBe('wide '.repeat(16).trimEnd());
    expect(screen.lines()[3]).toBe(' bell');
    expect(terminal.stderr.text).toContain('\x1b[31m');
  });

  test('has no colours where they are not wanted, whatever it does', async () => {
    const { terminal, opens } = onTerminal({ reporter: () => '\x1b\x1b[0m[31mred' }, { NO_COLOR: '1' });
    await opens();
    expect(terminal.stderr.text).not.toMatch(/\x1b\[[\d;]*m/);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'broken',
    ],
    ['returns no text', () => 7 as unknown as string, 'expected it to return a string, got 7'],
    ['is asynchronous and rejects', (() => Promise.reject(new Error('broken'))) as unknown as () => string, 'expected it to return a string, got a promise'],
  ])('that %s is one warning, and the table takes its place', async (_, reporter, said) => {
    const warnings: string[] = [];
    const { terminal, screen, opens } = onTerminal({ reporter, warn: (message) => warnings.push(message) });
    await opens();
    terminal.pass(2000);
    expect(warnings).toEqual([`runConfig.reporter threw, and the table takes its place: ${said}`]);
    expect(screen.lines()).toContain('Tuning train: 0 of 3 trials done in 2 s');
  });
});
