import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { Entry } from './cache.ts';
import type { NativePackage } from './native-package.ts';
import { putInPlace } from './put-in-place.ts';
import { lastLines, runCommand } from './run-command.ts';

/** What the package answered in a process of its own. */
export interface Tried {
  /** The TensorFlow that it loaded. */
  readonly tensorflow: string;
  readonly gpu: boolean;
}

/** Node 23 has removed two functions of `node:util` that the package calls. */
const SCRIPT = `
const util = require('node:util');
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;
const tf = require(process.argv[1]);
const three = tf.add(1, 2).dataSync()[0];
const [a, b] = tf.matMul([[1, 2], [3, 4]], [[1], [1]]).dataSync();
if (three !== 3 || a !== 3 || b !== 7) throw new Error('it computes wrongly: 1 + 2 = ' + three + ', [1 2; 3 4] [1; 1] = [' + a + '; ' + b + ']');
const { binding, isUsingGpuDevice } = tf.backend();
process.stdout.write('\\n' + JSON.stringify({ tensorflow: binding.TF_Version, gpu: isUsingGpuDevice }) + '\\n');
`;

/**
 * Loads the package with the files of the entry in a fresh process and lets it compute, in `work`: `node_modules` stays as it is.
 *
 * @returns what it answered, or what went wrong, in a line
 */
export async function tryNative(entry: Entry, native: NativePackage, work: string): Promise<Tried | string> {
  const dir = join(work, 'package');
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await cp(join(native.dir, 'package.json'), join(dir, 'package.json'));
  await cp(join(native.dir, 'dist'), join(dir, 'dist'), { recursive: true });
  await putInPlace(entry, dir);
  const paths = createRequire(join(native.dir, 'package.json')).resolve.paths('x') ?? [];
  const ran = await runCommand(process.execPath, ['-e', SCRIPT, dir], {
    env: { ...process.env, NODE_PATH: paths.join(delimiter), NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '1' },
  });
  const answer = ran.stdout.trim().split('\n').at(-1) ?? '';
  if (ran.code === 0 && answer.startsWith('{')) return JSON.parse(answer) as Tried;
  const error = /^\w*Error: .*$/m.exec(ran.stderr)?.[0] ?? lastLines(ran, 1);
  return typeof ran.code === 'string' ? `its process ended by ${ran.code}. ${error}`.trim() : error;
}
