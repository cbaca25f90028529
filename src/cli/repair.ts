import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { repairExperiment } from '../tuner/repair.ts';
import type { Command } from './command.ts';

/** `attune repair <dir>` */
export const repair: Command = {
  summary: 'write the files of an experiment anew from its journal',
  help: `attune repair: write the files of an experiment anew from its journal

Usage: attune repair <dir>

Of every trial: params.json, result.json, progress.csv, the event file of TensorBoard and error.txt; and experiment.json.
They become byte for byte what they were. The journal, checkpoints, and what trials wrote themselves stay as they are.

Arguments:
  <dir>       the directory of the experiment: the one that holds journal.jsonl

Options:
  -h, --help  print this text

Exit code: 0, 1 when it could not be done (no experiment, or one that runs), 2 when the call was wrong.
`,
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
    const [dir, ...more] = positionals;
    if (dir === undefined || more.length > 0)
      return { exitCode: 2, stderr: `attune repair: expected one directory, got ${positionals.length}.\nTry: attune repair --help\n` };
    const trials = await repairExperiment(dir);
    return { exitCode: 0, stdout: `Wrote the files of ${trials} trial${trials === 1 ? '' : 's'} anew in ${resolve(dir)}\n` };
  },
};
