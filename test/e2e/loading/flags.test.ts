import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { node, Projects, tool } from './installed-project.ts';

/** Options of Node that the program was started with: workers have those that say how code is loaded, and none breaks them. */

let projects: Projects;
let project: string;
beforeAll(async () => {
  projects = await Projects.open();
  project = await projects.make('flags', {
    links: ['tsx'],
    files: {
      'node_modules/conditional/package.json': { name: 'conditional', type: 'module', exports: { special: './special.js', default: './plain.js' } },
      'node_modules/conditional/special.js': "export const kind = 'special';\n",
      'node_modules/conditional/plain.js': "export const kind = 'plain';\n",
    },
  });
});
afterAll(() => projects.close());

const plain = { kind: 'plain', gc: false, hooked: 0 };
const seen = async (...args: readonly string[]): Promise<unknown> => {
  const { stdout, stderr } = await node(project, ...args);
  const line = /\{"kind".*\}/.exec(stdout)?.[0];
  return line === undefined ? stdout + stderr : (JSON.parse(line) as unknown);
};

afterEach(() => vi.unstubAllEnvs());

describe.each(['threads', 'processes'])('are those of the workers as well, %s:', (executor) => {
  beforeEach(() => void vi.stubEnv('EXECUTOR', executor));

  test.each([
    [[], plain],
    [['--conditions=special'], { ...plain, kind: 'special' }],
    [['-C', 'special'], { ...plain, kind: 'special' }],
    [['--import', './hook.mjs'], { ...plain, hooked: 1 }],
    [['--require', './hook.cjs'], { ...plain, hooked: 1 }],
    [['--expose-gc'], { ...plain, gc: true }],
  ])('node %j', async (flags, expected) => {
    expect(await seen(...flags, 'tune.mjs')).toEqual(expected);
  });
});

describe.each(['threads', 'processes'])('do not break them, %s:', (executor) => {
  beforeEach(() => void vi.stubEnv('EXECUTOR', executor));

  test.each(['--test', '--max-old-space-size=512', '--inspect=0', '--title=tuning', '--unhandled-rejections=strict', '--stack-trace-limit=50'])(
    'node %s',
    async (flag) => {
      expect(await seen(flag, 'tune.mjs')).toEqual(plain);
    },
  );

  const program = "import './tune.mjs'";
  test.each([
    [['-e', "import('./tune.mjs')"], plain],
    [['--input-type=module', '-e', program], plain],
    [['--input-type=module', '--expose-gc', '--conditions=special', '--import', './hook.mjs', '-e', program], { kind: 'special', gc: true, hooked: 1 }],
    [['--input-type', 'module', '--import', './hook.mjs', '--eval', program], { ...plain, hooked: 1 }],
    [[tool('tsx/dist/cli.mjs'), '-e', "import('./tune.mjs')"], plain],
  ])('node %j', async (args, expected) => {
    expect(await seen(...args)).toEqual(expected);
  });
});

test('a debugger that knows nothing of workers goes through: node inspect', async () => {
  const inspect = spawn(process.execPath, ['inspect', '--port=0', 'tune.mjs'], { cwd: project });
  let output = '';
  const printed = await new Promise<string | undefined>((resolve) => {
    inspect.stdout.on('data', (data: unknown) => {
      const before = output;
      output += String(data);
      if (output.includes('Break on start') && !before.includes('Break on start')) inspect.stdin.write('cont\n');
      const [line] = /\{"kind".*\}/.exec(output) ?? [];
      if (line !== undefined) resolve(line);
    });
    inspect.on('exit', () => resolve(undefined));
  });
  inspect.stdin.end('.exit\n');
  expect(JSON.parse(printed ?? JSON.stringify(output))).toEqual(plain);
});

describe('threads({ execArgv })', () => {
  test('takes the place of those of the process', async () => {
    expect(await seen('--import', './hook.mjs', 'tune.mjs', JSON.stringify(['--conditions=special']))).toEqual({ ...plain, kind: 'special' });
  });

  test.each([
    [['--expose-gc', '--no-warnings'], /^OPTION_RANGE: threads: expected execArgv to hold options that a thread takes, got --expose-gc\./],
    [['--nonsense'], /^OPTION_RANGE: .*got --nonsense\./],
    ['--no-warnings', /^OPTION_RANGE: threads: expected execArgv to be an array of strings, got "--no-warnings"\./],
    [[3], /^OPTION_RANGE: .*array of strings/],
    [['--import', './missing.mjs'], /^TRAINABLE_UNREACHABLE: .*tune\.mjs to load in a worker, got one that ended .*missing\.mjs/],
    [['--import', './exits.mjs'], /^TRAINABLE_UNREACHABLE: .*tune\.mjs to load in a worker, got one that ended .*exited before it was ready/],
  ])('refuses %j', async (execArgv, message) => {
    const { stdout, stderr } = await node(project, join(project, 'tune.mjs'), JSON.stringify(execArgv));
    expect(stdout).toMatch(message);
    expect(stderr).toBe('');
  });
});

describe('processes({ execArgv })', () => {
  beforeEach(() => void vi.stubEnv('EXECUTOR', 'processes'));

  test('takes the place of those of the process, those of V8 too', async () => {
    expect(await seen('--import', './hook.mjs', 'tune.mjs', JSON.stringify(['--conditions=special', '--expose-gc']))).toEqual({
      ...plain,
      kind: 'special',
      gc: true,
    });
  });

  test.each([
    [
      ['--nonsense'],
      /^TRAINABLE_UNREACHABLE: processes: expected .*tune\.mjs to load in a worker, got one that ended \(Error: exit code 9, after it wrote .*bad option: --nonsense/,
    ],
    ['--no-warnings', /^OPTION_RANGE: processes: expected execArgv to be an array of strings, got "--no-warnings"\./],
    [['--import', './missing.mjs'], /^TRAINABLE_UNREACHABLE: .*tune\.mjs to load in a worker, got one that ended .*missing\.mjs/],
    [['--import', './exits.mjs'], /^TRAINABLE_UNREACHABLE: .*tune\.mjs to load in a worker, got one that ended \(Error: exit code 3\)/],
  ])('refuses %j', async (execArgv, message) => {
    const { stdout } = await node(project, join(project, 'tune.mjs'), JSON.stringify(execArgv));
    expect(stdout).toMatch(message);
  });
});
