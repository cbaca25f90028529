import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ResultGrid } from '../results/result-grid.ts';
import { type Command, wrongUse } from './command.ts';

/** `attune report` */
export const report: Command = {
  summary: 'conclusions and all plots of an experiment on one page',
  help: `attune report: conclusions and all plots of an experiment on one page

Usage: attune report <dir> [--out <file>] [--dark]

Writes <dir>/report.html: a page that needs no other file and no network. It
begins with what the trials allow to conclude about each parameter, in numbers,
and has every plot that applies to the experiment. What cannot be drawn is
named at its end. The experiment may still be running.

Options:
  --out <file>  where to write the page
  --dark        light text on a dark page
  -h, --help    print this text

Exit code: 0 when the page was written, 1 when not, 2 when the call was wrong.
`,
  async run(args) {
    const options = { out: { type: 'string' }, dark: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [dir] = positionals;
    if (dir === undefined || positionals.length > 1) throw wrongUse(`expected one experiment directory, got ${positionals.length}.`);
    const grid = ResultGrid.fromDirectory(dir);
    const { reportedOf, reportPage } = await import('../analysis/plots/report-page.ts');
    const file = resolve(values.out ?? join(dir, 'report.html'));
    writeFileSync(file, await reportPage(await reportedOf(grid), values.dark ? 'dark' : 'light'));
    return { exitCode: 0, stdout: `${file}\n` };
  },
};
