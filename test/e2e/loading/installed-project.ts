import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export const root = resolve(import.meta.dirname, '../../..');
export const tool = (path: string): string => join(root, 'node_modules', path);
export const sources = (project: string): string => join(import.meta.dirname, 'projects', project);

/** Whether this Node runs TypeScript that has types only. */
export const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** 0: it went well. */
  readonly code: number;
}

/** Runs this Node; never rejects. */
export async function node(cwd: string, ...args: readonly string[]): Promise<Output> {
  return exec(process.execPath, args, { cwd, env: { ...process.env, NODE_OPTIONS: '' } }).then(
    (output) => ({ ...output, code: 0 }),
    ({ stdout = '', stderr = '', code }: { stdout?: string; stderr?: string; code?: unknown }) => ({
      stdout,
      stderr,
      code: typeof code === 'number' ? code : -1,
    }),
  );
}

/** Projects that have attune as npm would install it: the packed files in `node_modules`, its dependencies beside it. */
export class Projects {
  private readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Projects> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'attune-loading-')));
    const { stdout } = await exec('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    await exec('tar', ['-xzf', packed?.filename ?? ''], { cwd: folder });
    await rename(join(folder, 'package'), join(folder, 'attune'));
    return new Projects(folder);
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /**
   * A new project: a copy of `projects/<from>`, more `files` (data is written as JSON), attune and `links`, packages of
   * this repository.
   */
  async make(
    from: string | undefined,
    { files = {}, links = [], name = 'project' }: { files?: Readonly<Record<string, unknown>>; links?: readonly string[]; name?: string } = {},
  ): Promise<string> {
    const project = join(await mkdtemp(join(this.folder, 'p-')), name);
    await mkdir(project);
    if (from !== undefined) await cp(sources(from), project, { recursive: true });
    for (const [file, content] of Object.entries({ 'package.json': { type: 'module' }, ...files })) {
      await mkdir(dirname(join(project, file)), { recursive: true });
      await writeFile(join(project, file), typeof content === 'string' ? content : JSON.stringify(content));
    }
    await this.install(project, links);
    return project;
  }

  /** A copy of attune of its own. */
  async install(project: string, links: readonly string[] = []): Promise<void> {
    const modules = join(project, 'node_modules');
    await mkdir(modules, { recursive: true });
    await cp(join(this.folder, 'attune'), join(modules, 'attune'), { recursive: true });
    const { dependencies } = JSON.parse(await readFile(join(modules, 'attune/package.json'), 'utf8')) as { dependencies: Record<string, string> };
    for (const name of [...Object.keys(dependencies), ...links]) {
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await symlink(tool(name), join(modules, name), 'junction');
    }
  }
}
