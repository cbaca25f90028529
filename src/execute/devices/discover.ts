import { isSoftwareName } from '../../base/dawn.ts';
import { AttuneError } from '../../base/errors.ts';
import { describe } from '../../base/options.ts';
import { type Device, namesOf } from './device.ts';

/** Everything that says which devices there are. */
export interface Surroundings {
  /** What `nvidia-smi --query-gpu=index,uuid,driver_version,name,memory.total --format=csv,noheader,nounits` printed; `undefined` when there is none to ask. */
  readonly smi: string | undefined;
  /** `CUDA_VISIBLE_DEVICES`. */
  readonly visible: string | undefined;
  /** The executor's `devices`. */
  readonly wanted: readonly string[] | undefined;
  /** The WebGPU adapters as Dawn lists them, when `asksDawn`; `undefined` when it is not installed. */
  readonly adapters?: readonly string[] | undefined;
}

const INSTALL = 'npm install @tensorflow/tfjs @tensorflow/tfjs-backend-webgpu webgpu';

/** Whether the WebGPU adapters matter: some are named, or nothing is and NVIDIA's driver lists no GPU. */
export const asksDawn = ({ smi, visible, wanted }: Surroundings): boolean =>
  wanted === undefined ? visible === undefined && cardsOf(smi ?? '').length === 0 : wanted.some(isWebgpu);

/**
 * The devices that trials may be given, each once, in the order in which they are named: those of `wanted`, else those of
 * `CUDA_VISIBLE_DEVICES`, else all that nvidia-smi lists, else the WebGPU adapters that are hardware. When neither
 * nvidia-smi nor `CUDA_VISIBLE_DEVICES` says what exists, the CUDA devices of `wanted` are believed.
 *
 * @param by - the executor, for messages: `processes`
 * @throws {AttuneError} `OPTION_RANGE` for one that does not exist, naming those that do, or is named twice;
 * `PACKAGE_MISSING` for an adapter where Dawn is not installed
 */
export function discoverDevices(by: string, seen: Surroundings): readonly Device[] {
  const { smi, visible, wanted, adapters } = seen;
  const cards = cardsOf(smi ?? '');
  const there = visible === undefined ? cards : visibleOf(cards, visible, smi !== undefined);
  if (wanted === undefined) return asksDawn(seen) ? distinct((adapters ?? []).filter((name) => !isSoftwareName(name)).map(adapterDevice)) : there;
  const found = wanted.map((id) => (isWebgpu(id) ? adapterNamed(by, id, adapters) : cardNamed(by, id, seen, there)));
  for (const [i, device] of found.entries()) {
    const same = found.slice(0, i).findIndex((other) => isSame(other, device));
    if (same < 0) continue;
    const problem = `${by}: expected devices that are different, got ${describe(wanted[same])} and ${describe(wanted[i])}, which may be one.`;
    throw new AttuneError('OPTION_RANGE', problem, { hint: 'Name each device once; a GPU is either a CUDA device or a WebGPU adapter.' });
  }
  return found;
}

const isWebgpu = (id: string): boolean => id.startsWith('webgpu:');
const adapterDevice = (name: string): Device => ({ id: `webgpu:${name}`, name });

/** The card that CUDA and WebGPU both call by its name may be the same one. */
const isSame = (one: Device, other: Device): boolean => one.id === other.id || (one.name === other.name && isWebgpu(one.id) !== isWebgpu(other.id));

const distinct = (devices: readonly Device[]): readonly Device[] => devices.filter(({ id }, i) => devices.findIndex((other) => other.id === id) === i);

function cardNamed(by: string, id: string, { smi, visible }: Surroundings, there: readonly Device[]): Device {
  const found = there.find((device) => device.id === id || (device.uuid !== undefined && `cuda:${device.uuid}` === id));
  if (found) return found;
  const cuda = id.slice('cuda:'.length);
  const isKnown = smi !== undefined || visible !== undefined;
  if (!isKnown || (visible === undefined && cuda.startsWith('MIG-'))) return { id, name: id, cuda };
  const why = visible === undefined ? '' : `, with CUDA_VISIBLE_DEVICES=${visible}`;
  throw missing(`${by}: expected devices that exist (${namesOf(there)}${why}), got ${describe(id)}.`);
}

/** The adapter of this name, else the only one whose name contains it; one in software too, since it is asked for. */
function adapterNamed(by: string, id: string, adapters: readonly string[] | undefined): Device {
  if (adapters === undefined) {
    throw new AttuneError('PACKAGE_MISSING', `${by}: expected the package webgpu for the device ${describe(id)}, got none that loads.`, {
      hint: `${INSTALL}.`,
    });
  }
  const part = id.slice('webgpu:'.length);
  const there = distinct(adapters.map(adapterDevice));
  const able = there.filter(({ name }) => name.includes(part));
  const found = able.find(({ name }) => name === part) ?? (able.length === 1 ? able[0] : undefined);
  if (found) return found;
  const expected = able.length > 1 ? `the name of one adapter (${namesOf(able)})` : `devices that exist (${namesOf(there)})`;
  throw new AttuneError('OPTION_RANGE', `${by}: expected ${expected}, got ${describe(id)}.`, {
    hint: 'Name adapters as npx attune doctor lists them, or by a part of the name that no other has.',
  });
}

/**
 * Refuses what names no devices. The devices themselves are looked for when a run begins.
 *
 * @throws {AttuneError} `OPTION_RANGE`
 */
export function checkDevices(where: string, devices: unknown): void {
  const expected = `${where}: expected devices to be names such as 'cuda:0' or 'webgpu:NVIDIA H200', each once`;
  if (!Array.isArray(devices) || devices.length === 0) throw new AttuneError('OPTION_RANGE', `${expected}, got ${describe(devices)}.`);
  for (const [i, device] of devices.entries()) {
    const isNew = devices.indexOf(device) === i;
    if (typeof device === 'string' && /^(?:cuda:[^,]+|webgpu:.+)$/.test(device) && isNew) continue;
    throw new AttuneError('OPTION_RANGE', `${expected}, got ${describe(device)}${isNew ? '' : ' twice'}.`, {
      hint: typeof device === 'number' ? `Write 'cuda:${device}'.` : "Write devices: ['cuda:0'].",
    });
  }
}

/** What nvidia-smi printed: `0, GPU-1d2…, 570.86, NVIDIA H200, 143771`. */
function cardsOf(smi: string): readonly Device[] {
  return smi.split('\n').flatMap((line): Device[] => {
    const [, index, uuid, driver, name, memory] = /^\s*(\d+)\s*,\s*([^,]+?)\s*,\s*([^,]+?)\s*,\s*(.*?)\s*,\s*([^,]*?)\s*$/.exec(line) ?? [];
    if (index === undefined || uuid === undefined || driver === undefined || name === undefined) return [];
    const memoryMb = Number.parseFloat(memory ?? ''); // `[N/A]` where memory is shared with the machine
    const cuda = uuid.startsWith('GPU-') ? uuid : index; // an index means what CUDA_DEVICE_ORDER says
    return [{ id: `cuda:${index}`, name, uuid, driver, cuda, ...(memoryMb > 0 ? { memoryMb } : {}) }];
  });
}

/** As CUDA reads it: indexes or beginnings of UUIDs that fit one GPU, up to the first that is empty or negative; here each counts once. */
function visibleOf(cards: readonly Device[], visible: string, isKnown: boolean): readonly Device[] {
  const tokens = visible.split(',').map((token) => token.trim());
  const end = tokens.findIndex((token) => token === '' || token.startsWith('-') || token === 'NoDevFiles');
  const devices = (end < 0 ? tokens : tokens.slice(0, end)).map((token) => {
    const fitting = cards.filter(({ id, uuid }) => id === `cuda:${token}` || (token.startsWith('GPU-') && uuid?.startsWith(token)));
    if (fitting.length > 1)
      throw missing(`CUDA_VISIBLE_DEVICES: expected beginnings of UUIDs that one GPU has, got "${token}", which ${namesOf(fitting)} have.`);
    const [card] = fitting;
    if (card) return { ...card, cuda: token };
    if (isKnown && !token.startsWith('MIG-')) throw missing(`CUDA_VISIBLE_DEVICES: expected GPUs that exist (${namesOf(cards)}), got "${token}".`);
    return { id: `cuda:${token}`, name: `cuda:${token}`, cuda: token };
  });
  return distinct(devices);
}

const missing = (problem: string): AttuneError =>
  new AttuneError('OPTION_RANGE', problem, { hint: 'Name devices as nvidia-smi lists them, from 0 on; leave the list out to use all of them.' });
