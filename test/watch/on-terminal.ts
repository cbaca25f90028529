import { type ConsoleReporterOptions, consoleReporter } from '../../src/watch/console-reporter.ts';
import { type FakeTerminal, fakeTerminal } from './fake-terminal.ts';
import { Screen } from './screen.ts';
import { Story } from './story.ts';

/** A run on a terminal of 80 × 24, and what is seen there. */
export function onTerminal(options: Partial<ConsoleReporterOptions> = {}, env = {}) {
  const terminal = fakeTerminal(env, true);
  const screen = new Screen(terminal.stderr.columns, terminal.stderr.rows);
  for (const stream of [terminal.stderr, terminal.stdout]) stream.onText = (text) => screen.write(text);
  const console = consoleReporter({ terminal, ...options });
  const told = new Story('/tmp/runs/test', { callbacks: [console], space: { lr: { $domain: 'uniform', lower: 0, upper: 9 } } });
  return {
    terminal,
    screen,
    told,
    opens: () => told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 3, slots: 2, resources: { cpu: 2, gpu: 1 } }),
    closes: () => told.happens({ kind: 'closed', why: 'all trials have ended' }),
    disposes: () => console[Symbol.asyncDispose]?.(),
    /** The lines from the title of the table on. */
    table: () => screen.lines().slice(screen.lines().findLastIndex((line) => /^Tun(ing|ed) \w+: \d/.test(line))),
  };
}

export const isAsItWas = (terminal: FakeTerminal) =>
  terminal.listeners() === 0 && [terminal.stderr, terminal.stdout].every((stream) => !Object.hasOwn(stream, 'write') && stream.eventNames().length === 0);

export const titlesOf = (screen: Screen) =>
  screen.lines().filter((line) => line.startsWith('Tuning train: 0 of') || line.startsWith('Tuning train: 1 of') || line.startsWith('Tuned train: 1 of'));
