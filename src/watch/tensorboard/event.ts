import type { Json, JsonObject } from '../../base/json.ts';
import { numbersOf } from '../../trial/metrics.ts';
import { maskedCrc32c } from './crc32c.ts';
import { double, float, int64, lengthOf, message, messageHead, text } from './protobuf.ts';

/** Where a summary stands in a run; `at` in milliseconds since the epoch. */
export interface Moment {
  readonly at: number;
  readonly step: number;
}

/** Field numbers of tensorflow.Event, Summary and Summary.Value, and of tensorboard.hparams.HParamsPluginData. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2, tensor: 8, metadata: 9 } as const;
const METADATA = { pluginData: 1 } as const;
const PLUGIN_DATA = { pluginName: 1, content: 2 } as const;
const HPARAMS = { sessionStartInfo: 3, sessionEndInfo: 4 } as const;
const SESSION_START = { hparams: 1, startTimeSecs: 5 } as const;
const SESSION_END = { status: 1, endTimeSecs: 2 } as const;
const STATUS = { success: 1, failure: 2 } as const;
const MAP_ENTRY = { key: 1, value: 2 } as const;
const JSON_VALUE = { number: 2, string: 3, bool: 4 } as const;

/** A tensor of floats with the shape [0]: the summaries of the hparams plugin have their data beside it. */
const NO_TENSOR = message(VALUE.tensor, int64(1, 1), message(2, message(2)));

/** The first record of every event file. */
export const versionRecord = (at: number): Uint8Array => record([double(EVENT.wallTime, at / 1000), text(EVENT.fileVersion, 'brain.Event:2')]);

/** The hyperparameters of a run: numbers, strings and booleans as they are, lists as JSON; null is left out, and so is what JSON has not. */
export function sessionStartRecord({ at, step }: Moment, hparams: Readonly<Record<string, Json>>): Uint8Array {
  const entries = Object.entries(hparams).flatMap(([name, value]) => {
    const encoded = hparamValue(value);
    return encoded === undefined ? [] : [message(SESSION_START.hparams, text(MAP_ENTRY.key, name), message(MAP_ENTRY.value, encoded))];
  });
  const info = message(HPARAMS.sessionStartInfo, ...entries, double(SESSION_START.startTimeSecs, at / 1000));
  return hparamsRecord({ at, step }, '_hparams_/session_start_info', info);
}

export function sessionEndRecord({ at, step }: Moment, status: 'success' | 'failure'): Uint8Array {
  const info = message(HPARAMS.sessionEndInfo, int64(SESSION_END.status, STATUS[status]), double(SESSION_END.endTimeSecs, at / 1000));
  return hparamsRecord({ at, step }, '_hparams_/session_end_info', info);
}

/** No record of the end of a session is longer. */
export const SESSION_END_BYTES = 256;

/** Whether `bytes` end with the record of a session that succeeded, at this step, whenever that was. */
export function endsSession(bytes: Buffer, step: number): boolean {
  const record = sessionEndRecord({ at: 0, step }, 'success') as Buffer;
  const end = bytes.subarray(-record.length);
  if (end.length < record.length) return false;
  // 8 bytes each: behind the head of the frame and a tag, and before the last checksum.
  const [time, endTime] = [13, record.length - 12];
  return record.compare(end, 0, time, 0, time) === 0 && record.compare(end, time + 8, endTime, time + 8, endTime) === 0;
}

function hparamValue(value: Json): Uint8Array | undefined {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return undefined;
  if (typeof value === 'number') return double(JSON_VALUE.number, value);
  if (typeof value === 'boolean') return int64(JSON_VALUE.bool, value ? 1 : 0);
  return text(JSON_VALUE.string, typeof value === 'string' ? value : JSON.stringify(value));
}

function hparamsRecord({ at, step }: Moment, tag: string, info: Uint8Array): Uint8Array {
  const plugin = message(METADATA.pluginData, text(PLUGIN_DATA.pluginName, 'hparams'), message(PLUGIN_DATA.content, info));
  const value = message(SUMMARY.value, text(VALUE.tag, tag), NO_TENSOR, message(VALUE.metadata, plugin));
  return record([double(EVENT.wallTime, at / 1000), int64(EVENT.step, step), message(EVENT.summary, value)]);
}

/** Makes records of scalars, one for a report. Keeps the bytes that a tag takes, since they come again with every report. */
export class ScalarRecords {
  /** By tag: a value of a summary, whose last four bytes are the number. */
  readonly #values = new Map<string, Buffer>();

  /** One record with every number of `metrics`, by its `/`-joined name, but those `leftOut`, in single precision: NaN and infinities too, which TensorBoard marks. */
  record({ at, step }: Moment, metrics: JsonObject, leftOut: ReadonlySet<string>): Uint8Array {
    const fields = [double(EVENT.wallTime, at / 1000), int64(EVENT.step, step)];
    const values: Uint8Array[] = [];
    const numbers = numbersOf(metrics);
    for (const key of Object.keys(numbers)) if (!leftOut.has(key)) values.push(this.#valueOf(key, numbers[key] as number));
    fields.push(messageHead(EVENT.summary, lengthOf(values)));
    for (const value of values) fields.push(value);
    return record(fields);
  }

  #valueOf(tag: string, value: number): Uint8Array {
    let bytes = this.#values.get(tag);
    if (bytes === undefined) {
      bytes = message(SUMMARY.value, text(VALUE.tag, tag), float(VALUE.simpleValue, 0)) as Buffer;
      this.#values.set(tag, bytes);
    }
    bytes.writeFloatLE(value, bytes.length - 4); // copied before the next report
    return bytes;
  }
}

/** An event in its frame: its length, and a checksum of the length and of the event. */
function record(fields: readonly Uint8Array[]): Uint8Array {
  const size = lengthOf(fields);
  const bytes = Buffer.allocUnsafe(size + 16);
  bytes.writeUInt32LE(size, 0);
  bytes.writeUInt32LE(0, 4); // an event of 4 GB does not fit into memory
  bytes.writeUInt32LE(maskedCrc32c(bytes, 0, 8), 8);
  let at = 12;
  for (const field of fields) {
    bytes.set(field, at);
    at += field.byteLength;
  }
  bytes.writeUInt32LE(maskedCrc32c(bytes, 12, at), at);
  return bytes;
}
