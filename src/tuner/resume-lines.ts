import type { Created } from '../trial/events.ts';
import type { Callback } from '../watch/callback.ts';
import type { SessionRecord } from './session-record.ts';

/** By a callback that a function of ours brings with it: how that function goes on with its experiment. */
const ITS_OWN = new WeakMap<Callback, readonly string[]>();

/** An experiment with this callback is gone on with as these lines say. */
export const resumesBy = (callback: Callback, lines: readonly string[]): void => void ITS_OWN.set(callback, lines);

/** What was said by `resumesBy`, if anything was. */
export const ownResumeLines = (callbacks: readonly Callback[]): readonly string[] | undefined =>
  callbacks.map((callback) => ITS_OWN.get(callback)).find((lines) => lines !== undefined);

/** What to write to go on with an experiment: a command where its record is enough, as a shell of `platform` reads it, else a line of code. */
export function resumeLines(
  path: string,
  { trainable }: Created,
  { code }: Pick<SessionRecord, 'code'>,
  platform: NodeJS.Platform = process.platform,
): readonly string[] {
  if (code.length === 0) return ['To go on with it:', `npx attune resume ${shellQuoted(path, platform)}`];
  const name = /^[A-Za-z_$][\w$]*$/.test(trainable.name) ? trainable.name : 'trainable';
  const others = code.filter((one) => one !== 'trainable');
  const what = others.length === 0 ? '' : `; options holds its ${others.join(', ')}`;
  return [
    `To go on with it, in a script that has its code${what}:`,
    `const grid = await (await Tuner.restore(${JSON.stringify(path)}, ${name}${others.length === 0 ? '' : ', options'})).fit();`,
  ];
}

/** A path as one word of a shell. */
function shellQuoted(path: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./\\-]+$/.test(path) && (platform === 'win32' || !path.includes('\\'))) return path;
  return platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}
