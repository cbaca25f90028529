import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BackendKind, Lacking } from '../backends/backend-kind.ts';
import { resolvePackage } from '../backends/load-package.ts';
import { BACKENDS, type BackendName } from '../use-backend.ts';
import { lastLines, type Ran, runCommand } from './run-command.ts';

/** What came of opening a backend. */
export type Trial =
  | { readonly works: true; readonly note: string }
  | { readonly works: false; readonly what: Lacking; readonly lacks: string; readonly fix?: string };

export interface Examined {
  readonly name: BackendName;
  /** Of its own package, the last one that it needs; `undefined` when it is not installed. */
  readonly version: string | undefined;
  readonly trial: Trial;
}

/** All that decides which backend is used here. */
export interface Examination {
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  /** The best first. */
  readonly backends: readonly Examined[];
}

/** Tries every backend, each in a process of its own, as `useBackend` would without being asked for one. Takes a few seconds. */
export async function examine(): Promise<Examination> {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  const backends = await Promise.all(BACKENDS.map(examineOne));
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}${header.glibcVersionRuntime === undefined ? '' : `, glibc ${header.glibcVersionRuntime}`}`,
    cpus: availableParallelism(),
    backends,
  };
}

/** The first use of a driver or of a library that lies on a network takes many seconds; one that hangs never ends. */
const LONGEST_MS = 120_000;

async function examineOne(kind: BackendKind<BackendName>): Promise<Examined> {
  return { name: kind.name, version: versionOf(kind.packages.at(-1) ?? ''), trial: await tryBackend(kind) };
}

/** Opens the backend in a process of its own, which is killed after two minutes. */
export async function tryBackend(kind: BackendKind<BackendName>): Promise<Trial> {
  const program = fileURLToPath(new URL('./try-backend.js', import.meta.url)); // both land in dist/
  return trialOf(await runCommand(process.execPath, [program, kind.name], { timeoutMs: LONGEST_MS }), kind);
}

/** What such a process said of the backend, or how it ended. */
export function trialOf(ran: Ran, { device, install }: BackendKind): Trial {
  const answer = ran.stdout.trim().split('\n').at(-1) ?? '';
  if (ran.code === 0 && answer.startsWith('{')) return JSON.parse(answer) as Trial;
  if (ran.code === 'ETIMEDOUT') {
    const fix = device === undefined ? install : "See whether the GPU's driver answers (nvidia-smi, vulkaninfo --summary); if not, restart the machine";
    return { works: false, what: 'loading', lacks: `it has not answered in ${LONGEST_MS / 1000} s`, fix };
  }
  const said = /^\w*Error: .*$/m.exec(ran.stderr)?.[0] ?? lastLines(ran, 1);
  return { works: false, what: 'loading', lacks: `it ends its process (${ran.code}) ${said}`.trim(), fix: install };
}

function versionOf(id: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(resolvePackage(`${id}/package.json`), 'utf8')) as { readonly version: string }).version;
  } catch {
    return undefined;
  }
}
