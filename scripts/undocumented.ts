import type { Docs, Entry, Export } from './read-api.ts';

export interface Lack {
  /** `attune/algorithms: tpe`, or of a member `attune: Result.path`. */
  readonly what: string;
  readonly lacks: 'a docstring' | 'an example' | 'an example that names it' | 'an example of what takes or returns it';
  readonly file: string;
}

/**
 * What a reader of the reference would miss. Every export and every public member of a class has a docstring; functions, classes and
 * constants have an `@example`, which names the function or constant; a type has one too, or is in the signature of an export that has one, itself or as a part of such a type.
 */
export function undocumented(api: readonly Entry[]): readonly Lack[] {
  const shown = shownByExamples(api);
  return api.flatMap(({ name: entry, exports }) =>
    exports.flatMap((one) => {
      const lack = (lacks: Lack['lacks'], name = one.name): Lack => ({ what: `${entry}: ${name}`, lacks, file: one.file });
      const members = one.members.filter(({ docs }) => !isWritten(docs)).map(({ name }) => lack('a docstring', `${one.name}.${name}`));
      return [...(isWritten(one.docs) ? [] : [lack('a docstring')]), ...exampleLacks(one, shown).map((what) => lack(what)), ...members];
    }),
  );
}

const isWritten = ({ text, tags }: Docs): boolean => text !== '' || tags.length > 0;

const isType = ({ kind }: Export): boolean => kind === 'interface' || kind === 'type';

function exampleLacks(one: Export, shown: ReadonlySet<string>): readonly Lack['lacks'][] {
  const { examples } = one.docs;
  if (isType(one)) return shown.has(one.place) ? [] : ['an example of what takes or returns it'];
  if (examples.length === 0) return ['an example'];
  if (one.kind === 'class') return []; // some are only made by others
  return examples.some((code) => new RegExp(`\\b${one.name}\\b`).test(code)) ? [] : ['an example that names it'];
}

/** The places of all that have an example, and of the types in their signatures, and in those. */
function shownByExamples(api: readonly Entry[]): ReadonlySet<string> {
  const all = api.flatMap(({ exports, behind }) => [...exports, ...behind]);
  const usesOf = new Map(all.map(({ place, uses }) => [place, uses]));
  const shown = new Set<string>();
  const show = (place: string): void => {
    if (shown.has(place)) return;
    shown.add(place);
    usesOf.get(place)?.forEach(show);
  };
  for (const { place, docs } of all) if (docs.examples.length > 0) show(place);
  return shown;
}
