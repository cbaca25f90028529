import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/**
 * A Python with these packages, in a virtual environment that is made once and kept; or, warned about once, why there is none.
 * @param name - of the folder that is kept
 * @throws what was wrong in an installation that should have worked, where tests are decisive
 */
export async function pythonWith(name: string, packages: readonly string[]): Promise<{ readonly python: string | undefined; readonly reason: string }> {
  try {
    return { python: await makePython(name, packages), reason: '' };
  } catch (error) {
    const why = whyNoPython(error);
    if (why === undefined && process.env['CI']) throw error;
    const reason = `THE READERS ARE NOT TESTED: expected python3 with venv and ${packages.join(', ')}; ${why ?? String(error)}`;
    console.warn(reason);
    return { python: undefined, reason };
  }
}

async function makePython(name: string, packages: readonly string[]): Promise<string> {
  const cache = join(import.meta.dirname, '../../../node_modules/.cache');
  const kept = join(cache, name);
  const python = join('bin', 'python');
  if (existsSync(join(kept, python))) return join(kept, python);
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, `${name}-`));
  try {
    await exec('python3', ['-m', 'venv', made]);
    await exec(join(made, python), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '0', ...packages]);
    if (!existsSync(kept)) renameSync(made, kept);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return join(kept, python);
}

/** Why there can be no Python with the packages here; `undefined` for an installation that should have worked. */
function whyNoPython(error: unknown): string | undefined {
  const { code, stdout = '', stderr = '' } = error as { readonly code?: unknown; readonly stdout?: string; readonly stderr?: string };
  const text = `${stdout}\n${stderr}`;
  if (code === 'ENOENT') return 'there is no python3';
  if (/ensurepip|No module named '?venv/.test(text)) return 'python3 has no venv';
  // pip knows no version of a package that has many when it has not reached an index.
  if (/from versions: none|connection|Max retries|Temporary failure in name resolution/i.test(text))
    return `the package index cannot be reached: ${text.trim()}`;
  return undefined;
}
