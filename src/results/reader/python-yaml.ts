import { createRequire } from 'node:module';
import type { CollectionTag, ScalarTag } from 'yaml';

type Tag = ScalarTag | CollectionTag;

const TAG = 'tag:yaml.org,2002:';
/** What PyYAML takes for the value of a kind, where that differs from YAML 1.1: `y` is a text, and so is `1e-3`. */
const TESTS: Readonly<Record<string, RegExp>> = {
  true: /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/,
  false: /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/,
  exponent: /^(?:[-+]?\d[\d_]*\.[\d_]*|[-+]?\.\d[\d_]*)[eE][-+]\d+$/,
  decimal: /^(?:[-+]?\d[\d_]*\.[\d_]*|[-+]?\.\d[\d_]*)$/,
};

/**
 * Text as PyYAML reads it, as plain data: dates stay text, and an object of Python's is the mapping or the list that it is written as. Nothing
 * is executed. yaml is loaded by the first call.
 *
 * @throws {Error} on text that is no YAML
 */
export function parsePythonYaml(text: string): unknown {
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  return parse(text, { version: '1.1', logLevel: 'error', customTags: (tags) => tags.flatMap((tag) => adapted(tag as Tag)) });
}

function adapted(tag: Tag): readonly Tag[] {
  if (tag.tag === `${TAG}timestamp` || ('format' in tag && tag.format === 'TIME')) return [];
  const test = TESTS[kindOf(tag as ScalarTag)];
  return [test === undefined ? tag : ({ ...tag, test } as Tag)];
}

function kindOf({ tag, format, test }: ScalarTag): string {
  if (tag === `${TAG}bool`) return test?.test('true') ? 'true' : 'false';
  if (tag !== `${TAG}float`) return '';
  return format === 'EXP' ? 'exponent' : test?.test('1.5') ? 'decimal' : '';
}
