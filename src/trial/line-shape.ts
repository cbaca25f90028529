import type { JournalLine } from './events.ts';

type Kind = JournalLine['kind'];
/** Something that was read, of which nothing is known yet. */
type Read = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isText = (value: unknown): boolean => typeof value === 'string';
const isRecord = (value: unknown): value is Read => typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0 && Number.isInteger(value);
const isSamples = (value: unknown): boolean => value === 'unlimited' || isCount(value);
const isAny = (): boolean => true;

/** What a line of each kind has at least, for what reads it to make sense of it. Names are written out: this runs for each of a million lines. */
const SHAPES: ReadonlyMap<unknown, (line: Read) => boolean> = new Map(
  Object.entries({
    created: (line) => isNumber(line['seed']),
    opened: (line) => isSamples(line['samples']) && isCount(line['slots']),
    closed: isAny,
    halted: (line) => isText(line['by']),
    enqueued: (line) => isRecord(line['config']),
    muted: (line) => isText(line['callback']) && isNumber(line['since']),
    controlled: (line) => isRecord(line['decision']),
    idle: isAny,
    exhausted: isAny,
    stalled: isAny,
    queued: (line) => isCount(line['trial']) && isRecord(line['config']) && isText(line['dir']) && isRecord(line['by']),
    started: (line) => isCount(line['trial']) && isCount(line['run']) && isCount(line['step']),
    reported: (line) => isCount(line['trial']) && isCount(line['step']) && isRecord(line['metrics']) && isNumber(line['seconds']),
    checkpointed: (line) => isCount(line['trial']) && isCount(line['step']) && isText(line['checkpoint']),
    paused: (line) => isCount(line['trial']) && isText(line['by']),
    exploited: (line) => isCount(line['trial']) && isCount(line['from']) && isCount(line['step']) && isText(line['checkpoint']) && isRecord(line['config']),
    retried: (line) => isCount(line['trial']) && isRecord(line['error']),
    completed: (line) => isCount(line['trial']),
    stopped: (line) => isCount(line['trial']) && isText(line['by']),
    failed: (line) => isCount(line['trial']) && isRecord(line['error']),
  } satisfies Record<Kind, (line: Read) => boolean>),
);

/** Whether something that was read has the shape of a line of a journal. Cost: a look at some of its fields, at nothing inside them. */
export function isJournalLine(value: unknown): value is JournalLine {
  if (!isRecord(value) || !isNumber(value['at'])) return false;
  const { decisions } = value;
  return (decisions === undefined || Array.isArray(decisions)) && SHAPES.get(value['kind'])?.(value) === true;
}
