import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The environment of a machine on which nvidia-smi prints this, or has these last words; nothing of this machine's GPUs shows through. */
export async function withSmi(printed: string, exit = 0): Promise<NodeJS.ProcessEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-smi-'));
  const program = join(folder, 'nvidia-smi');
  await writeFile(
    program,
    `#!/bin/sh\n[ "$1" = "--query-gpu=index,uuid,driver_version,name,memory.total" ] || exit 9\ncat <<'END'\n${printed}\nEND\nexit ${exit}\n`,
  );
  await chmod(program, 0o755);
  const path = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: path, VK_DRIVER_FILES: join(folder, 'none'), VK_ICD_FILENAMES: join(folder, 'none') };
  for (const name of ['CUDA_VISIBLE_DEVICES', 'CUDA_DEVICE_ORDER', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS']) delete env[name];
  return env;
}

export const TWO_GPUS = '0, GPU-aaaa0000-1, 570.86, NVIDIA H200, 143771\n1, GPU-bbbb1111-2, 570.86, NVIDIA H200, 143771';
