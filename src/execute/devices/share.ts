import { availableParallelism } from 'node:os';
import { AttuneError } from '../../base/errors.ts';
import type { ExecutorSession } from '../executor.ts';
import { queryAdapters } from './adapters.ts';
import { capacityOf, type Demand, emptyLedger, request } from './allocator.ts';
import { type Device, namesOf } from './device.ts';
import { asksDawn, discoverDevices } from './discover.ts';
import { queryNvidiaSmi } from './nvidia-smi.ts';
import type { Resources } from './resources.ts';

/** What the trials of a session share, and how. */
export interface Share {
  /** Trials at once. */
  readonly slots: number;
  /** Cores of each. */
  readonly cpu: number;
  readonly devices: readonly Device[];
  /** What each wants of the devices; absent: nothing. */
  readonly demand: Demand | undefined;
  /** The devices that the first of them gets. */
  readonly first: readonly Device[];
  /** Trials are to see no GPU. */
  readonly hidesGpus: boolean;
}

/** An executor, as far as this depends on it. */
export interface Sharing {
  /** For messages: `processes`. */
  readonly name: string;
  readonly workers: number | undefined;
  readonly devices: readonly string[] | undefined;
  readonly isOneProcess: boolean;
}

type Session = Pick<ExecutorSession, 'resources' | 'maxConcurrentTrials' | 'warn'>;

/**
 * Looks which devices there are, if anybody asks for one, and divides them and the cores among trials.
 *
 * @throws {AttuneError} `OPTION_RANGE` when there is no such device, or no trial fits on what there is
 */
export async function shareOut(by: Sharing, session: Session): Promise<Share> {
  const { gpu }: Resources = session.resources ?? {};
  if (gpu === undefined && by.devices) {
    const hint = 'Write resources: { gpu: 1 }, or a fraction for several trials on one device.';
    throw new AttuneError('OPTION_RANGE', `${by.name}: expected runConfig.resources.gpu with devices, got none.`, { hint });
  }
  return divide(by, session, gpu ? await findDevices(by, gpu, session.warn) : [], availableParallelism());
}

/**
 * The share of each of as many trials as fit at once. `workers` that were asked for are not refused for want of cores.
 *
 * @throws {AttuneError} `OPTION_RANGE` when not even one fits on the devices
 */
export function divide({ name, workers }: Pick<Sharing, 'name' | 'workers'>, session: Omit<Session, 'warn'>, devices: readonly Device[], cores: number): Share {
  const { cpu, gpu, gpuMemoryMb }: Resources = session.resources ?? {};
  const places = workers ?? Math.max(1, Math.floor(cores / (cpu ?? 1) + 1e-9));
  const demand: Demand | undefined = gpu ? { gpu, ...(gpuMemoryMb === undefined ? {} : { gpuMemoryMb }) } : undefined;
  const slots = demand ? capacityOf(devices, demand, places) : places;
  if (slots === 0) throw tooLittle(name, demand, devices);
  const atOnce = Math.min(slots, session.maxConcurrentTrials ?? slots);
  return {
    slots,
    cpu: cpu ?? Math.max(1, Math.floor(cores / atOnce)),
    devices,
    demand,
    first: demand ? firstOf(devices, demand) : [],
    hidesGpus: gpu === 0,
  };
}

const firstOf = (devices: readonly Device[], demand: Demand): readonly Device[] => {
  const [holding] = request(emptyLedger(devices), { id: 0, demand }).held;
  return devices.filter((_, index) => holding?.devices.includes(index));
};

function tooLittle(name: string, { gpu = 0, gpuMemoryMb }: Partial<Demand> = {}, devices: readonly Device[]): AttuneError {
  if (gpu > devices.length) {
    const problem = `${name}: expected ${gpu} devices for each trial (runConfig.resources.gpu), got ${devices.length} (${namesOf(devices)}).`;
    return new AttuneError('OPTION_RANGE', problem, { hint: `Ask for at most ${devices.length}, or for a fraction.` });
  }
  const memories = devices.map(({ id, memoryMb }) => `${id} with ${memoryMb === undefined ? 'memory that nobody knows' : `${memoryMb} MB`}`);
  const problem = `${name}: expected devices that have the ${gpuMemoryMb} MB of runConfig.resources.gpuMemoryMb, got ${memories.join(', ')}.`;
  return new AttuneError('OPTION_RANGE', problem, { hint: 'Ask for less; leave gpuMemoryMb out where only fractions are to count.' });
}

async function findDevices(by: Sharing, gpu: number, warn: Session['warn']): Promise<readonly Device[]> {
  const { name, devices: wanted, isOneProcess } = by;
  const asksCuda = wanted?.every((id) => !id.startsWith('cuda:')) !== true;
  const smi = asksCuda ? await queryNvidiaSmi() : { text: undefined, trouble: '' };
  const seen = { smi: smi.text, visible: process.env['CUDA_VISIBLE_DEVICES'], wanted };
  const { names: adapters, trouble } = asksDawn(seen) ? await queryAdapters() : { names: [], trouble: '' };
  const devices = discoverDevices(name, { ...seen, adapters });
  if (devices.length === 0) {
    const why = seen.visible === undefined ? `${smi.trouble}; ${trouble}` : `CUDA_VISIBLE_DEVICES is "${seen.visible}"`;
    const hint = `Name it if there is one, ${name}({ devices: ['cuda:0'] }) or ['webgpu:…'], or leave resources.gpu out.`;
    throw new AttuneError('OPTION_RANGE', `${name}: expected a GPU for runConfig.resources.gpu ${gpu}, got none: ${why}.`, { hint });
  }
  checkAdapters(name, gpu, { devices, adapters: adapters ?? [] }, warn);
  return isOneProcess ? [oneOf(name, gpu, { devices, visible: discoverDevices(name, { ...seen, wanted: undefined }) }, warn)] : devices;
}

/**
 * A trial opens one adapter, by its name: more it cannot have, and of two with one name only one is ever opened.
 *
 * @throws {AttuneError} `OPTION_RANGE` for more than one
 */
export function checkAdapters(
  name: string,
  gpu: number,
  { devices, adapters }: { readonly devices: readonly Device[]; readonly adapters: readonly string[] },
  warn: Session['warn'],
): void {
  const own = devices.filter(({ id }) => id.startsWith('webgpu:'));
  if (gpu > 1 && own.length > 0) {
    const problem = `${name}: expected runConfig.resources.gpu to be at most 1 with WebGPU adapters (${namesOf(own)}), since a trial opens one, got ${gpu}.`;
    throw new AttuneError('OPTION_RANGE', problem, { hint: 'Ask for gpu: 1, or for a fraction.' });
  }
  for (const device of own) {
    const twins = adapters.filter((adapter) => adapter === device.name).length;
    if (twins > 1) warn(`${name}: there are ${twins} adapters named "${device.name}", which cannot be told apart: they count as one device, ${device.id}.`);
  }
}

/** The device of a process whose threads share it: libraries compute on the first that they see. */
function oneOf(
  name: string,
  gpu: number,
  { devices, visible }: { readonly devices: readonly Device[]; readonly visible: readonly Device[] },
  warn: Session['warn'],
): Device {
  const [first] = devices as readonly [Device];
  if (gpu > 1) {
    const problem = `${name}: expected runConfig.resources.gpu to be at most 1, since threads are one process and share one device, got ${gpu}.`;
    throw new AttuneError('OPTION_RANGE', problem, { hint: 'Use executor: processes(), where each trial sees devices of its own.' });
  }
  const seen = visible[0]?.id ?? 'cuda:0';
  if (first.cuda !== undefined && first.id !== seen) {
    const problem = `${name}: expected the first device that this process sees, ${seen}, got ${first.id}.`;
    throw new AttuneError('OPTION_RANGE', problem, { hint: `Start the script with CUDA_VISIBLE_DEVICES=${first.cuda}, or use executor: processes().` });
  }
  if (devices.length > 1)
    warn(`${name}: threads are one process and share one device, so that all trials use ${first.id}; processes() uses all of ${namesOf(devices)}.`);
  return first;
}
