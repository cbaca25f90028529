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
}

/**
 * The devices that trials may be given, in the order in which they are named: those of `wanted`, else those of
 * `CUDA_VISIBLE_DEVICES`, else all that nvidia-smi lists. When neither of the last two says what exists, `wanted` is believed.
 *
 * @param by - the executor, for messages: `processes`
 * @throws {AttuneError} `OPTION_RANGE` for one that does not exist, naming those that do
 */
export function discoverDevices(by: string, { smi, visible, wanted }: Surroundings): readonly Device[] {
  const cards = cardsOf(smi ?? '');
  const there = visible === undefined ? cards : visibleOf(cards, visible, smi !== undefined);
  if (wanted === undefined) return there;
  const isKnown = smi !== undefined || visible !== undefined;
  return wanted.map((id) => {
    const found = there.find((device) => device.id === id || (device.uuid !== undefined && `cuda:${device.uuid}` === id));
    if (found) return found;
    if (!id.startsWith('cuda:')) return { id, name: id.slice(id.indexOf(':') + 1) };
    const cuda = id.slice('cuda:'.length);
    if (!isKnown || (visible === undefined && cuda.startsWith('MIG-'))) return { id, name: id, cuda };
    const why = visible === undefined ? '' : `, with CUDA_VISIBLE_DEVICES=${visible}`;
    throw missing(`${by}: expected devices that exist (${namesOf(there)}${why}), got ${describe(id)}.`);
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
    if (typeof device === 'string' && /^(?:cuda|webgpu):[^,]+$/.test(device) && isNew) continue;
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
    return [{ id: `cuda:${index}`, name, uuid, driver, cuda: index, ...(memoryMb > 0 ? { memoryMb } : {}) }];
  });
}

/** As CUDA reads it: indexes or (beginnings of) UUIDs, up to the first that is empty or negative. */
function visibleOf(cards: readonly Device[], visible: string, isKnown: boolean): readonly Device[] {
  const tokens = visible.split(',').map((token) => token.trim());
  const end = tokens.findIndex((token) => token === '' || token.startsWith('-') || token === 'NoDevFiles');
  return (end < 0 ? tokens : tokens.slice(0, end)).map((token) => {
    const card = cards.find(({ cuda, uuid }) => cuda === token || (token.startsWith('GPU-') && uuid?.startsWith(token)));
    if (card) return { ...card, cuda: token };
    if (isKnown && !token.startsWith('MIG-')) throw missing(`CUDA_VISIBLE_DEVICES: expected GPUs that exist (${namesOf(cards)}), got "${token}".`);
    return { id: `cuda:${token}`, name: `cuda:${token}`, cuda: token };
  });
}

const missing = (problem: string): AttuneError =>
  new AttuneError('OPTION_RANGE', problem, { hint: 'Name devices as nvidia-smi lists them, from 0 on; leave the list out to use all of them.' });
