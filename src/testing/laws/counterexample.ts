import type { Decision } from '../../schedule/scheduler.ts';
import { type Space, spaceToJson } from '../../space/space.ts';
import type { Law } from './law.ts';
import { inWords } from './law.ts';
import { fullWorld, type LawWorld } from './law-world.ts';
import { play } from './play.ts';
import type { Subject } from './subject.ts';

/** The most lines of a story. */
const MOST_LINES = 60;

/** What happened in a world, one line for each event that matters: who reports what, and what is decided. */
export async function storyOf(subject: Subject, world: LawWorld): Promise<string> {
  const { told, problem } = await play(subject, fullWorld(world));
  const lines = told.flatMap(({ event, decisions }, i) => {
    const isQuiet = event.kind === 'queued' || event.kind === 'started' || event.kind === 'checkpointed' || event.kind === 'idle';
    const isWhereItEnds = problem !== undefined && i === told.length - 1;
    if (isQuiet && decisions.length === 0 && !isWhereItEnds) return [];
    const value = event.kind === 'reported' ? ` ${event.losses.map(String).join(', ')} at step ${event.step}` : '';
    const who = 'trial' in event ? `trial ${event.trial} ${event.kind}` : event.kind;
    return [`  ${who}${value}${decisions.map((decision: Decision) => `\n    -> ${inWords(decision)}`).join('')}`];
  });
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), `  … and ${lines.length - MOST_LINES} more`] : lines;
  return [...shown, ...(problem ? [`  ${problem.message}`] : [])].join('\n');
}

/** The options that a law needs to be tried again. A space with functions in it cannot be printed, and stands there by its name. */
function optionsText({ declared, space }: Subject, name: string): string {
  const { paramSpace, ...rest } = declared;
  const only = [name];
  if (paramSpace === undefined) return literal({ ...rest, only });
  return hasFunctions(space) ? literal({ ...rest, only }).replace(/ }$/, ', paramSpace }') : literal({ ...rest, paramSpace, only });
}

const hasFunctions = (space: Space): boolean => space.derived && JSON.stringify(spaceToJson(space)).includes('{"$domain":"sampleFrom"');

/** A test that shows the broken law again: to be pasted beside the `make` that was given, and the `paramSpace` where that has functions. */
export function testOf(subject: Subject, { name, law }: Pick<Law, 'name' | 'law'>, world: LawWorld | undefined): string {
  const call = world === undefined ? 'run()' : `run(${literal(world, '    ')})`;
  return [
    `test(${quoted(`${name}: ${law}`)}, async () => {`,
    `  for (const { run } of schedulerLaws(make, ${optionsText(subject, name)})) {`,
    `    await ${call};`,
    '  }',
    '});',
  ].join('\n');
}

const quoted = (text: string): string => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

/** A value as source text; of an object with trials, one trial a line. */
export function literal(value: unknown, indent = ''): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => {
    const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
    if (key !== 'trials' || !Array.isArray(inner)) return `${name}: ${literal(inner)}`;
    return `trials: [\n${inner.map((trial) => `${indent}    ${literal(trial)},\n`).join('')}${indent}  ]`;
  });
  return 'trials' in value ? `{\n${entries.map((entry) => `${indent}  ${entry},\n`).join('')}${indent}}` : `{ ${entries.join(', ')} }`;
}
