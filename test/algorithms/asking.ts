import { rng } from '../../src/base/rng.ts';
import { History } from '../../src/search/history.ts';
import type { Ask, Searcher, Suggestion } from '../../src/search/searcher.ts';
import type { Config } from '../../src/space/config.ts';
import { compileSpace, type Space } from '../../src/space/space.ts';

export interface Asking {
  readonly samples: number;
  readonly seed?: number;
  /** Where the searcher keeps its place. */
  readonly history?: History;
}

export function askFor(space: Space, index: number, { samples, seed = 42, history = new History(space, 1) }: Asking): Ask {
  const stream = rng(seed).fork('search');
  return { space, index, samples, history, objectives: history.objectives, slots: 1, rng: stream.fork('ask', index), stream, breathe: async () => {} };
}

/** Asks in order until it is done, or `most` configurations have come. */
export async function suggestions(searcher: Searcher, input: unknown, asking: Asking, most = 1000): Promise<readonly Suggestion[]> {
  const space = compileSpace(input);
  const history = asking.history ?? new History(space, 1);
  searcher.check?.(askFor(space, 0, asking));
  const given: Suggestion[] = [];
  for (let index = 0; index < most; index++) {
    const suggestion = await searcher.suggest(askFor(space, index, { ...asking, history }));
    given.push(suggestion);
    if (suggestion.kind !== 'config' || suggestion.last) break;
    history.add({ config: suggestion.config, by: 'searcher', asked: 0 });
  }
  return given;
}

export async function configs(searcher: Searcher, input: unknown, asking: Asking, most?: number): Promise<readonly Config[]> {
  return (await suggestions(searcher, input, asking, most)).flatMap((suggestion) => (suggestion.kind === 'config' ? [suggestion.config] : []));
}
