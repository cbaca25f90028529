/** Writes docs/laws.md: which law every scheduler of ours keeps, and what the laws say. A test holds it to what this gives. */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Check } from '../src/testing/laws/check.ts';
import { lawsOf, schedulerLaws } from '../src/testing/laws/scheduler-laws.ts';
import { type SearcherCheck, searcherLaws } from '../src/testing/laws/searcher-laws.ts';
import type { Family } from '../src/testing/laws/subject.ts';
import { MUTANTS } from '../test/laws/mutants.ts';
import { OWN, RUNS, runsOf, VARIANT_RUNS } from '../test/laws/own-schedulers.ts';
import { OWN as SEARCHERS, RUNS as SEARCHES } from '../test/laws/own-searchers.ts';

const FAMILIES: readonly (readonly [Family, string])[] = [
  ['asha', 'Asynchronous successive halving'],
  ['hyperband', 'HyperBand'],
  ['median', 'The median rule and other percentiles'],
  ['pbt', 'Populations'],
];

/** Laws of the literature that no check of the kit is, and why. */
const UNSTATED: readonly (readonly [string, string])[] = [
  [
    '"ASHA promotes at most 1 / reductionFactor of a rung"',
    'false: of 100 trials in random order it promotes 28.5 on average with a factor of 4, of trials that keep improving 97. What holds is D2, at the moment of a promotion, and D5 as a bound; the delayed variant keeps it (D5).',
  ],
  ['B10 for the median rule', 'false: one more trial, however bad, can be the one that makes enough samples. It is a law of `asha`.'],
  [
    'B11, removing a dominated trial keeps the incumbent',
    'false for all that halve: with one trial fewer there is a place fewer, which may be that of a trial that would have won later.',
  ],
  ['B3, affine changes of the metric', 'a law of searchers with a Gaussian process, held by the tests of `gp`.'],
  ['C11, a preview equals what runs', 'a law of `preview`, held by its own tests.'],
  ['E5, patience', 'a law of `patience` alone, held by its own tests.'],
  ['E6, the replay of finished curves', 'what `checkSafe` does; it has tests of its own.'],
  ['F7, lineage', 'a law of results and of `pbtReplay`, held by their tests. That nobody is its own source is F3.'],
  ['F9, the toy of the paper', 'needs a trainable with weights, and a space of its own; held by the tests of `pbt`.'],
  ['G6, presets first', 'the loop runs what was enqueued before it asks a searcher; held by its tests.'],
  [
    'G10, better than random search',
    'says something only of searchers that learn, and needs tens of runs to say it: held by the tests of each of them, on functions with a known minimum, seeds that are fixed, and a bar well below what they reach.',
  ],
  ['G13, conditional parameters', 'part of G1, whose spaces have them.'],
  ['G14, results of unknown trials', 'there is no way to tell a searcher of one: it reads the `History`.'],
  ['G16, how many trials are good', 'a law of `tpe` alone: of n trials that say how good they are min(⌈n / 10⌉, 25), for each n up to 300; held by its tests.'],
  [
    'G17, what stands in for a trial that runs',
    'is gone once the trial has ended: held by the tests of the searchers that have such a thing, on two histories, in one of which it never ran. For others it is G3 and G8.',
  ],
  [
    'H1, H3 to H8',
    'laws of the loop, the journal and the executors; held by the crash matrix, the random worlds and the tests of the simulator. H2 is here, as far as it is the scheduler’s.',
  ],
];

const mark = ({ skipped }: Pick<Check, 'skipped'>): string => (skipped === undefined ? '✓' : '–');

function table(names: readonly string[], columns: readonly (readonly [string, readonly (Check | SearcherCheck)[]])[]): string {
  const rows = names.map((name) => [
    name,
    ...columns.map(([, checks]) => checks.find((check) => check.name === name)).map((check) => (check ? mark(check) : '')),
  ]);
  const head = ['law', ...columns.map(([name]) => name)];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Which laws do not apply to a column, and why; columns of which the same is to be said together. */
function reasons(columns: readonly (readonly [string, readonly (Check | SearcherCheck)[]])[]): string {
  const alike = new Map<string, string[]>();
  for (const [name, checks] of columns) {
    const byReason = new Map<string, string[]>();
    for (const { name: law, skipped } of checks) if (skipped !== undefined) byReason.set(skipped, [...(byReason.get(skipped) ?? []), law]);
    const text = [...byReason].map(([reason, laws]) => `${laws.join(', ')} (${reason})`).join('; ');
    if (text !== '') alike.set(text, [...(alike.get(text) ?? []), name]);
  }
  return [...alike].map(([text, names]) => `- **${names.join('; ')}**: ${text}.`).join('\n');
}

const sentences = (laws: readonly { readonly name: string; readonly law: string }[]): string => laws.map(({ name, law }) => `- **${name}.** ${law}`).join('\n');

/** The page as it has to be. */
export function lawsPage(): string {
  const everywhere = lawsOf('other');
  const columns = OWN.map(({ name, make, options }) => [name, schedulerLaws(make, options)] as const);
  const names = [...new Set(columns.flatMap(([, checks]) => checks.map(({ name }) => name)))];
  const worlds = OWN.map((own) => Math.ceil(runsOf(own) / schedulerLaws(own.make, own.options).filter(({ skipped }) => skipped === undefined).length));
  const searchers = SEARCHERS.flatMap(({ name, make, laws }) => (laws === undefined ? [] : [[name, searcherLaws(make, laws)] as const]));
  const laws = searchers[0]?.[1] ?? [];
  const least = Math.min(...SEARCHERS.map((own) => own.laws?.numRuns ?? SEARCHES));
  return `# Laws

What a scheduler or a searcher must keep, whatever it decides. \`attune/testing\` has each law as a check for any test runner. A world is plain data (what each trial reports, when, and where it fails) and runs through the real loop in virtual time; when a law breaks, the smallest world in which it does is printed, as a test to paste.

How far that goes: on every change each scheduler is tried in ${RUNS.toLocaleString('en')} generated worlds, and with other options, in each further row of the table below, in ${VARIANT_RUNS.toLocaleString('en')} more, shared out evenly among its laws (${Math.min(...worlds)} to ${Math.max(...worlds)} for each law), always the same ones. The kit itself is tried on ${MUTANTS.length} schedulers that are broken on purpose: each is found by the law that is named for it within 100 worlds, on each of 10 seeds, and in 50 worlds on one seed breaks no law that its flaw does not explain. No number of worlds proves a law.

\`\`\`ts
import { schedulerLaws } from 'attune/testing';
import { test } from 'vitest';
import { myScheduler } from './my-scheduler.js';

for (const { name, law, run, skipped } of schedulerLaws(() => myScheduler(), { family: 'other', pauses: false })) {
  test.skipIf(skipped)(\`\${name}: \${law}\`, () => run());
}
\`\`\`

From an empty file to a shrunk counterexample: [Property-test your scheduler](property-test-your-scheduler.md). It needs [fast-check](https://fast-check.dev): \`npm i -D fast-check\`. Make the scheduler with small numbers, such as a \`maxT\` of 9: then a few reports show all of it.

| option | meaning | default |
| --- | --- | --- |
| \`family\` | \`'asha'\`, \`'hyperband'\`, \`'median'\`, \`'pbt'\`: their laws come too, all of them, and read \`scheduler.options\`; \`'other'\`: only those for every scheduler | |
| \`pauses\` | whether it may pause trials; else a pause is a broken law | false |
| \`leavesPaused\` | whether it may leave trials paused when all is done, as where only the best are promoted; else that is a deadlock (A5) | false |
| \`timeAttr\` | the metric that says how far a trial is | \`scheduler.options.timeAttr\`, else its reports are counted |
| \`numRuns\` | worlds for each law, a millisecond or two each | 100 |
| \`seed\` | of the worlds: the same seed, the same worlds | 0 |
| \`paramSpace\` | what configurations are drawn from | one parameter of each kind |
| \`objectives\` | how many metrics there are | 1 |
| \`shrink\` | whether to look for the smallest world | true |
| \`only\` | names of laws, one at least | all |

A law that does not apply is there all the same, as \`skipped\` with the reason, so that nothing passes by not being declared; \`run()\` of it throws. \`run(world)\` tries a world of your own: \`{ trials: [[0.3, 0.2], [0.5]] }\` is two trials, with two reports and one.

## Which scheduler keeps which

✓: it does. –: the law does not apply.

${table(names, columns)}

${reasons(columns)}

## For every scheduler

${sentences(everywhere)}

${FAMILIES.map(([family, title]) => `## ${title}\n\n${sentences(lawsOf(family).filter(({ name }) => everywhere.every((law) => law.name !== name)))}`).join('\n\n')}

## Searchers

\`searcherLaws(make, { kind, unique, limit, finite })\` gives checks in the same way: \`kind\` is \`'random'\` (draws from the prior), \`'grid'\` (sweeps every point once) or \`'other'\`; \`unique\` promises that nothing is proposed twice, \`limit\` that no more trials are open at once.

On every change each searcher below is tried in ${SEARCHES} generated worlds for each law, those that take longer in ${least} at least, where trials complete, are stopped, go on with another configuration, fail, and are run again; and in the simulator it runs to the end with every scheduler, or one of the two is refused and says why. \`list\` is made for one space: it has tests of its own.

${table(
  laws.map(({ name }) => name),
  searchers,
)}

${reasons(searchers)}

${sentences(laws)}

## What is not here, and why

${UNSTATED.map(([law, why]) => `- **${law}**: ${why}`).join('\n')}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync('docs/laws.md', lawsPage());
