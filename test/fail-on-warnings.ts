import { afterAll, beforeAll, expect } from 'vitest';

/**
 * Every warning of Node's (an unhandled rejection, too many listeners, something deprecated or experimental) is a bug of ours and
 * fails the run as an uncaught error. `AttuneWarning` is what we tell users, and has tests of its own. Here come the patterns
 * of warnings that are not about us, each with a word on whose they are; today there are none.
 */
const NOT_OURS: readonly RegExp[] = [];

process.on('warning', (warning) => {
  if (warning.name !== 'AttuneWarning' && !NOT_OURS.some((pattern) => pattern.test(`${warning.name}: ${warning.message}`))) throw warning;
});

/** What would keep this process alive: ports, watchers, sockets, processes. Requests to the file system end by themselves. */
const handles = (): readonly string[] => process.getActiveResourcesInfo().filter((kind) => kind !== 'FSReqCallback');

let before: readonly string[];
beforeAll(() => {
  before = handles();
});

afterAll(async () => {
  const left = (): readonly string[] => {
    const known = [...before];
    return handles().filter((kind) => {
      const at = known.indexOf(kind);
      if (at >= 0) known.splice(at, 1);
      return at < 0;
    });
  };
  for (let turn = 0; turn < 100 && left().length > 0; turn++) await new Promise((resolve) => setImmediate(resolve)); // what is closing, closes
  expect(left(), 'handles that the tests of this file left open').toEqual([]);
});
