import { execFile } from 'node:child_process';
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');

export interface Installed {
  /** An empty project with the packed package in it: no peer, no dev dependency. Yours to remove. */
  readonly project: string;
  readonly tarball: string;
}

/** Packs this package and installs it, as a user would, with `more` packages beside it. */
export async function installTarball(...more: readonly string[]): Promise<Installed> {
  const project = await mkdtemp(join(tmpdir(), 'attune-tarball-'));
  const { stdout } = await exec('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], { cwd: root });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  const tarball = join(project, packed?.filename ?? '');
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await exec('npm', ['install', '--no-audit', '--no-fund', tarball, ...more], { cwd: project });
  return { project, tarball };
}

/** What every TypeScript project for Node has, from this repository instead of from the registry. */
export async function installNodeTypes(project: string): Promise<void> {
  for (const name of ['@types/node', 'undici-types']) await cp(join(root, 'node_modules', name), join(project, 'node_modules', name), { recursive: true });
}
