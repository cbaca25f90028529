import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { crc32c } from '../../../src/watch/tensorboard/crc32c.ts';

/** As TensorBoard publishes them, but for fields that no file of ours has. */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; } }
  message Summary {
    message Value { string tag = 1; SummaryMetadata metadata = 9; oneof value { float simple_value = 2; TensorProto tensor = 8; } }
    repeated Value value = 1;
  }
  message SummaryMetadata { message PluginData { string plugin_name = 1; bytes content = 2; } PluginData plugin_data = 1; }
  message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; }
  message TensorShapeProto { message Dim { int64 size = 1; string name = 2; } repeated Dim dim = 2; }
  message HParamsPluginData { int32 version = 1; oneof data { SessionStartInfo session_start_info = 3; SessionEndInfo session_end_info = 4; } }
  message SessionStartInfo { map<string, Value> hparams = 1; double start_time_secs = 5; }
  message SessionEndInfo { Status status = 1; double end_time_secs = 2; }
  enum Status { STATUS_UNKNOWN = 0; STATUS_SUCCESS = 1; STATUS_FAILURE = 2; STATUS_RUNNING = 3; }
  message Value { oneof kind { int32 null_value = 1; double number_value = 2; string string_value = 3; bool bool_value = 4; } }`,
  { keepCase: true },
);

const Event = root.lookupType('Event');
const PluginData = root.lookupType('HParamsPluginData');

export interface Hparams {
  readonly session_start_info?: { readonly hparams?: Readonly<Record<string, Readonly<Record<string, unknown>>>>; readonly start_time_secs: number };
  readonly session_end_info?: { readonly status: string; readonly end_time_secs: number };
}

export interface ReadEvent {
  readonly wall_time: number;
  readonly step: bigint;
  readonly file_version?: string;
  /** Scalars by tag. */
  readonly scalars: ReadonlyMap<string, number>;
  readonly hparams?: Hparams;
}

/** Every event of a file; throws unless all frames, checksums and messages are right. An oracle for the writer: it shares only the CRC, which has a test of its own. */
export function readEvents(path: string): readonly ReadEvent[] {
  const bytes = readFileSync(path);
  const events: ReadEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = Number(bytes.readBigUInt64LE(at));
    check(bytes.subarray(at, at + 8), bytes.readUInt32LE(at + 8));
    const data = bytes.subarray(at + 12, at + 12 + size);
    check(data, bytes.readUInt32LE(at + 12 + size));
    events.push(toEvent(data));
    at += size + 16;
  }
  return events;
}

function check(data: Uint8Array, masked: number): void {
  const rotated = (masked - 0xa282ead8) >>> 0;
  if (((rotated >>> 17) | (rotated << 15)) >>> 0 !== crc32c(data)) throw new Error('a checksum is wrong');
}

interface SummaryValue {
  readonly tag?: string;
  readonly simple_value?: number;
  readonly metadata?: { readonly plugin_data: { readonly plugin_name: string; readonly content: Uint8Array } };
  readonly tensor?: unknown;
}

function toEvent(data: Uint8Array): ReadEvent {
  const event = Event.toObject(Event.decode(data), { longs: String }) as {
    readonly wall_time: number;
    readonly step?: string;
    readonly file_version?: string;
    readonly summary?: { readonly value?: readonly SummaryValue[] };
  };
  const scalars = new Map<string, number>();
  let hparams: Hparams | undefined;
  for (const { tag = '', simple_value, metadata, tensor } of event.summary?.value ?? []) {
    if (simple_value !== undefined && scalars.has(tag)) throw new Error(`twice in one event: ${tag}`);
    if (simple_value !== undefined) scalars.set(tag, simple_value);
    if (metadata === undefined) continue;
    if (metadata.plugin_data.plugin_name !== 'hparams' || tensor === undefined) throw new Error(`not of the hparams plugin: ${tag}`);
    hparams = PluginData.toObject(PluginData.decode(metadata.plugin_data.content), { enums: String }) as Hparams;
    if (tag !== `_hparams_/${Object.keys(hparams).find((key) => key.startsWith('session')) ?? ''}`) throw new Error(`a wrong tag: ${tag}`);
  }
  const { wall_time, step = '0', file_version } = event;
  return { wall_time, step: BigInt(step), scalars, ...(file_version === undefined ? {} : { file_version }), ...(hparams ? { hparams } : {}) };
}
