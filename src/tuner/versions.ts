import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What writes a journal: this package's version and Node's. The sources lie one folder deeper than what is built from them. */
export function versions(): Readonly<Record<string, string>> {
  for (const up of ['../', '../../']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as { name: string; version: string };
      if (name === 'attune') return { attune: version, node: process.versions.node };
    } catch {
      // not here: one folder up
    }
  }
  return { attune: 'unknown', node: process.versions.node };
}

/** The commit of the working directory, with `+` behind it when there are changes; `undefined` outside of a repository. */
export function commit(): string | undefined {
  try {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 2000 }).trim();
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+');
  } catch {
    return undefined; // no git, or no repository
  }
}
