import { readFileSync } from 'node:fs';

/** What writes a journal: this package's version and Node's. The built package lies one folder deeper than the sources. */
export function versions(): Readonly<Record<string, string>> {
  for (const up of ['../../', '../../../']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as { name: string; version: string };
      if (name === 'attune') return { attune: version, node: process.versions.node };
    } catch {
      // not here: one folder up
    }
  }
  return { attune: 'unknown', node: process.versions.node };
}
