import type { Json } from '../../base/json.ts';
import { artifactsIn } from './artifacts-in.ts';
import { parsePythonYaml } from './python-yaml.ts';
import { addLeaves, type IndexedRun } from './run.ts';
import type { Watch } from './watched.ts';

/**
 * One run in MLXP's layout: `metadata/{config,info}.yaml`, `metrics/<log>.json`, `artifacts/<type>/…`.
 *
 * @returns the reason when it is none, or cannot be read
 */
export function readMlxpRun(watch: Watch): IndexedRun | string {
  const values: Record<string, Json> = {};
  for (const name of ['config', 'info']) {
    const problem = addMetadata(watch, name, values);
    if (problem !== undefined) return problem;
  }
  return { values, metrics: metricsIn(watch), artifacts: artifactsIn(watch, 'artifacts', 'mlxp') };
}

function addMetadata(watch: Watch, name: string, values: Record<string, Json>): string | undefined {
  const path = `metadata/${name}.yaml`;
  const text = watch.text(path);
  if (text === undefined) {
    const isQueued = name === 'config' && watch.note('metadata/config_unresolved.yaml') === 'file';
    return isQueued ? `it has not begun: there is metadata/config_unresolved.yaml, and no ${path} yet` : `it has no ${path}`;
  }
  const data = dataIn(text, path);
  if (typeof data === 'string') return data;
  addLeaves(data.mapping, name, values);
  return undefined;
}

function dataIn(text: string, path: string): { readonly mapping: object } | string {
  try {
    const mapping = parsePythonYaml(text);
    if (typeof mapping === 'object' && mapping !== null && !Array.isArray(mapping)) return { mapping };
    return `${path} holds ${text.trim() === '' ? 'nothing' : 'no mapping'}`;
  } catch (error) {
    return `${path} is no YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`;
  }
}

/** The keys of every log. */
function metricsIn(watch: Watch): IndexedRun['metrics'] {
  const logs = watch.entries('metrics').filter(({ name, isDirectory }) => !isDirectory && name.endsWith('.json'));
  return Object.fromEntries(
    logs.map(({ name }) => {
      const keys = new Set<string>();
      for (const line of linesOf(watch.text(`metrics/${name}`) ?? '')) for (const key of Object.keys(line ?? {})) keys.add(key);
      return [name.slice(0, -'.json'.length), [...keys].sort()];
    }),
  );
}

/** Each line as data; `undefined` for one that is no object. A last line that was cut off is left out. */
export function linesOf(text: string): readonly (Readonly<Record<string, unknown>> | undefined)[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const whole = lines.filter((line) => line.trim() !== '').map(objectOf);
  const end = last.trim() === '' ? undefined : objectOf(last);
  return end === undefined ? whole : [...whole, end];
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  const data = jsonOf(line) ?? jsonOf(withoutBareNumbers(line), (_key, value: unknown) => (typeof value === 'string' ? named(value) : value));
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Readonly<Record<string, unknown>>) : undefined;
}

function jsonOf(text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    return undefined;
  }
}

/** No text of a file has it: JSON allows no such character in a text. */
const MARK = '\\u0000attune ';

/** Python writes NaN and infinities as bare words. */
const withoutBareNumbers = (line: string): string =>
  line.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (found) => (found.startsWith('"') ? found : `"${MARK}${found}"`));

function named(text: string): string | number {
  const mark = '\0attune ';
  return text.startsWith(mark) ? Number(text.slice(mark.length)) : text;
}
