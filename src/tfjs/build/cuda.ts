import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { pipError, runCommand } from './run-command.ts';

/** What TensorFlow loads at run time, of CUDA 12: all of it, or the GPU is not used. */
const LIBRARIES = ['libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcufft.so.11', 'libcusolver.so.11', 'libcusparse.so.12', 'libcudnn.so.9'];

/** Those that the system's loader does not know, by what `ldconfig -p` printed. */
export const missingFrom = (ldconfig: string): readonly string[] => LIBRARIES.filter((name) => !ldconfig.includes(`${name} `));

/** What the system's loader knows: what `ldconfig -p` prints, which is not on the PATH of all users. Nothing where there is none. */
export async function loadableLibraries(): Promise<string> {
  const ran = await runCommand('ldconfig', ['-p']);
  return ran.code === 'ENOENT' ? (await runCommand('/sbin/ldconfig', ['-p'])).stdout : ran.stdout;
}

/**
 * Sees that TensorFlow finds CUDA: the system's, or else the wheels of NVIDIA that the TensorFlow wheel asks for, beside its
 * libraries, where it looks for them (`../nvidia` from `lib/`).
 *
 * @returns whether the entry has a CUDA of its own
 */
export async function addCuda(python: string, requirements: readonly string[], entry: string, log: (line: string) => void): Promise<boolean> {
  const missing = missingFrom(await loadableLibraries());
  if (missing.length === 0) {
    log("  CUDA: the system's");
    return false;
  }
  if (requirements.length === 0) {
    log(`  CUDA: none. The system lacks ${missing.join(', ')}, and this wheel asks for no others: it will compute on the CPU`);
    return false;
  }
  log(`  CUDA: downloading ${requirements.length} wheels of NVIDIA (the system lacks ${missing.join(', ')})`);
  const site = join(entry, 'site');
  const args = ['-m', 'pip', 'install', '--no-deps', '--retries', '0', '--no-cache-dir', '--disable-pip-version-check', '--quiet', '--target', site];
  const ran = await runCommand(python, [...args, ...requirements], { env: { ...process.env, TMPDIR: entry } });
  if (ran.code !== 0) {
    throw new AttuneError('BACKEND_UNAVAILABLE', `tfjs build: expected pip to install the CUDA libraries, got: ${pipError(ran)}.`, {
      hint: 'Check the network and the index of pip, or install CUDA 12 with cuDNN 9 on the system.',
    });
  }
  await rename(join(site, 'nvidia'), join(entry, 'nvidia'));
  return true;
}
