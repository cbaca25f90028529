import { parseArgs } from 'node:util';
import { discoverDevices } from '../execute/devices/discover.ts';
import { queryNvidiaSmi } from '../execute/devices/nvidia-smi.ts';
import { entriesFor } from '../tfjs/build/cache.ts';
import { examine, tryBackend } from '../tfjs/build/examine.ts';
import { findNativePackage, NATIVE_PACKAGES, type NativePackage } from '../tfjs/build/native-package.ts';
import { putInPlace } from '../tfjs/build/put-in-place.ts';
import { BACKENDS } from '../tfjs/use-backend.ts';
import { painter } from '../watch/paint.ts';
import { type Command, wrongUse } from './command.ts';
import { doctorPage, isWell } from './doctor-page.ts';

/** `attune doctor` */
export const doctor: Command = {
  summary: 'which tfjs backends work here, what the others lack, and what helps',
  help: `attune doctor: which tfjs backends work here, what the others lack, and what helps

Usage: attune doctor [--fix]

Tries every backend, each in a process of its own, and prints its version, its
device, or why it does not work and the command that helps.

Options:
  --fix       first put the binaries that attune tfjs build has made before back
              from the cache, where npm has removed them or they do not load
  -h, --help  print this text

Exit code: 0 when the best that is possible here works: a GPU is used if there is
one, nothing that is installed is broken, and it is not the backend cpu; else 1.
2 when the call was wrong.
`,
  async run(args, version) {
    const { values, positionals } = parseArgs({ args: [...args], options: { fix: { type: 'boolean' } }, allowPositionals: true });
    if (positionals.length > 0) throw wrongUse(`expected no arguments, got "${positionals.join(' ')}".`);
    const fixed = values.fix === true ? await putBack() : [];
    const [examination, smi] = await Promise.all([examine(), queryNvidiaSmi()]);
    const found = discoverDevices('doctor', { smi: smi.text, visible: undefined, wanted: undefined });
    const gpus = found.length > 0 ? found : smi.trouble;
    const page = doctorPage(examination, gpus, version, painter(process.stdout.isTTY && !process.env['NO_COLOR']));
    return { exitCode: isWell(examination, gpus) ? 0 : 1, stdout: [...fixed, page].join('\n') };
  },
};

/** Every native package that is installed, was built before and does not load. @returns a line for each that is installed */
async function putBack(): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const id of NATIVE_PACKAGES) {
    const native = findNativePackage(id);
    if (native !== undefined) lines.push(`${id}: ${await putBackOne(native)}`);
  }
  return lines.length > 0 ? [...lines, ''] : lines;
}

async function putBackOne(native: NativePackage): Promise<string> {
  const kind = BACKENDS.find(({ packages }) => packages.some((name) => name === native.id));
  const trial = kind && (await tryBackend(kind));
  if (trial === undefined || trial.works || trial.what !== 'loading') return 'in place already';
  const [entry] = entriesFor(native);
  if (entry === undefined) return `nothing in the cache; npx attune tfjs build${native.id.endsWith('gpu') ? ' --gpu' : ''}`;
  await putInPlace(entry, native.dir);
  return `put back, with TensorFlow ${entry.tensorflow}`;
}
