import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AttuneError } from '../base/errors.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { Created } from '../trial/events.ts';
import { type Command, type Outcome, wrongUse } from './command.ts';

/** `attune resume`: goes on with an experiment that its own record describes in full. */
export const resume: Command = {
  summary: 'go on with an experiment that was interrupted',
  help: `attune resume: go on with an experiment that was interrupted

Usage: attune resume <dir> [--num-samples <n>] [--errored]

Goes on with the experiment in <dir> where it was, with the options of its last
session, in worker threads that import its trainable. An experiment that needs
code which is not stored is continued from a script, with Tuner.restore.

Options:
  --num-samples <n>  run n samples in all; not fewer than before; -1: no limit
  --errored          go on with failed trials too, from their last checkpoint
  -h, --help         print this text
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'num-samples': { type: 'string' }, errored: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [dir, another] = positionals;
    if (dir === undefined || another !== undefined) throw wrongUse(`expected one experiment directory, got ${positionals.length}.`);
    const samples = values['num-samples'];
    if (samples !== undefined && !/^(-1|[1-9]\d*)$/.test(samples)) {
      throw wrongUse(`expected --num-samples to be an integer >= 1, or -1, got "${samples}".`);
    }
    return goOn(resolve(dir), samples === undefined ? {} : { numSamples: Number(samples) }, values.errored === true);
  },
};

async function goOn(dir: string, samples: { readonly numSamples?: number }, resumeErrored: boolean): Promise<Outcome> {
  const { readSetup } = await import('../store/read-experiment.ts');
  const { missingCode } = await import('../tuner/restored-plan.ts');
  const { restoreOptionsOf } = await import('../tuner/session-record.ts');
  const { Tuner } = await import('../tuner/tuner.ts');
  const setup = readSetup(dir);
  const { created, opened } = setup;
  const trainable = await trainableOf(dir, created, opened?.code ?? missingCode(setup));
  const { tuneConfig, runConfig } = restoreOptionsOf({ options: opened?.options ?? {} });
  const tuner = await Tuner.restore(dir, trainable as never, { tuneConfig: { ...tuneConfig, ...samples } as never, runConfig: runConfig ?? {}, resumeErrored });
  await tuner.fit();
  return {}; // the exit code is that of a signal, if one came
}

/** A reference that only workers can follow: this process has no use for the function. */
async function trainableOf(dir: string, created: Created, code: readonly string[]): Promise<TrainableRef> {
  const { resumeLines } = await import('../tuner/resume-lines.ts');
  const { name, module, form } = created.trainable;
  if (module === undefined || form === undefined || code.length > 0) {
    const needed = code.length > 0 ? code : ['trainable'];
    throw new AttuneError(
      'RESTORE_MISMATCH',
      `resume: expected an experiment whose record is enough to go on, got one that needs code: ${needed.join(', ')}.`,
      {
        hint: resumeLines(dir, created, { code: needed }).join(' '),
      },
    );
  }
  if (!existsSync(fileURLToPath(module))) {
    throw new AttuneError('TRAINABLE_UNREACHABLE', `resume: expected the module of the trainable "${name}" at ${fileURLToPath(module)}, got none.`, {
      hint: resumeLines(dir, created, { code: ['trainable'] }).join(' '),
    });
  }
  const implementation = (): never => {
    throw new Error('attune: a trainable was called in the process that only names it.');
  };
  return { kind: 'trainable', name, module, form, implementation };
}
