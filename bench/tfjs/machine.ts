import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, totalmem } from 'node:os';

/** The GPUs of NVIDIA that there are, each with its driver. */
export function nvidiaGpus(): readonly string[] {
  try {
    const out = execFileSync('nvidia-smi', ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out.trim().split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** What the figures are of: a line for the machine, one for its GPUs, and one for the versions. */
export function machine(): readonly string[] {
  const gpus = nvidiaGpus();
  const all = cpus();
  const packages = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-backend-webgpu', 'webgpu'];
  return [
    `${all[0]?.model.trim()}, ${all.length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${platform()} ${arch()}`,
    `NVIDIA GPUs: ${gpus.length === 0 ? 'none' : gpus.join('; ')}`,
    [`Node ${process.version}`, ...packages.map((name) => `${name} ${versionOf(name)}`)].join(', '),
  ];
}

function versionOf(name: string): string {
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  } catch {
    return '(not installed)';
  }
}
