import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What nvidia-smi said. */
export interface Smi {
  /** `undefined` when there is none, or it failed. */
  readonly text: string | undefined;
  /** Why there is no text, in words. */
  readonly trouble: string;
}

/** A driver that nobody uses is loaded first, which takes seconds. */
const LONGEST_MS = 60_000;

/** Asks NVIDIA's driver for its GPUs, which it also lists for processes that may not see them. Never rejects. */
export async function queryNvidiaSmi(): Promise<Smi> {
  try {
    const query = ['--query-gpu=index,uuid,driver_version,name,memory.total', '--format=csv,noheader,nounits'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: LONGEST_MS, windowsHide: true });
    return { text: stdout, trouble: 'nvidia-smi lists none' };
  } catch (error) {
    const { code, message, stdout = '', stderr = '' } = error as { code?: unknown; message: string; stdout?: string; stderr?: string };
    if (code === 'ENOENT') return { text: undefined, trouble: 'there is no nvidia-smi on the PATH' };
    const [said = message] = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
    return { text: undefined, trouble: `nvidia-smi failed: ${said.trim()}` };
  }
}
