import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const OPTUNA = 'optuna==5.0.0';
const exec = promisify(execFile);

/**
 * A Python that has Optuna: a virtual environment below `node_modules`, made at first use.
 * @throws {Error} when there is no Python with venv, or no index that has Optuna
 */
export async function pythonWithOptuna(): Promise<string> {
  const at = fileURLToPath(new URL('../../node_modules/.cache/attune-bench/optuna-5.0.0', import.meta.url));
  const python = process.platform === 'win32' ? join(at, 'Scripts', 'python.exe') : join(at, 'bin', 'python');
  const done = join(at, 'ready');
  if (existsSync(done)) return python;
  rmSync(at, { recursive: true, force: true });
  await exec('python3', ['-m', 'venv', at]);
  await exec(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '0', OPTUNA]);
  mkdirSync(done);
  return python;
}

/** Medians of the best loss over 20 seeds, with Optuna 5.0.0, recorded earlier: at 50 and at 100 trials. */
export const RECORDED = [
  ['sphere-5', [7.19, 6.83], [1.31, 0.251]],
  ['rosenbrock-5', [1271, 1050], [143, 23.6]],
  ['branin', [1.144, 0.778], [0.507, 0.417]],
  ['rastrigin-5', [46.5, 41.0], [35.6, 26.8]],
  ['hartmann-6', [-1.768, -2.123], [-2.992, -3.228]],
] as const satisfies readonly (readonly [problem: string, random: readonly number[], tpe: readonly number[]])[];
