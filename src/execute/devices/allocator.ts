/** What a run wants of the devices. */
export interface Demand {
  /** A share of one device, at most 1, or a whole number of devices. */
  readonly gpu: number;
  /** Megabytes on each of them; a device of which nobody knows the memory does not do then. */
  readonly gpuMemoryMb?: number;
  /** Nobody else may be on its device meanwhile. */
  readonly alone?: boolean;
}

export interface Request {
  readonly id: number;
  readonly demand: Demand;
}

export interface Holding extends Request {
  /** Indexes of its devices, ascending. */
  readonly devices: readonly number[];
}

/** Who has which device, and who waits: plain data, from which each step makes the next. */
export interface Ledger {
  readonly devices: readonly { readonly memoryMb?: number }[];
  readonly held: readonly Holding[];
  /** In the order in which they came. Whoever comes first is served first: nobody overtakes, so nobody waits for ever. */
  readonly waiting: readonly Request[];
}

/** A device in parts: whole numbers, so that 0.1 ten times and 1/3 three times are exactly one device. */
const WHOLE = 1e9;

export const emptyLedger = (devices: Ledger['devices']): Ledger => ({ devices, held: [], waiting: [] });

/** One more who waits, and is served at once when nobody waits before and there is room. Cost: O(devices + holdings) for each who is served. */
export const request = (ledger: Ledger, one: Request): Ledger => serve({ ...ledger, waiting: [...ledger.waiting, one] });

/** `id` has ended, or waits no more. Those who waited for what it had get it. */
export function release({ devices, held, waiting }: Ledger, id: number): Ledger {
  const others = (one: Request): boolean => one.id !== id;
  return serve({ devices, held: held.filter(others), waiting: waiting.filter(others) });
}

/** How many such demands have room at once on devices that are free, counted up to `most`. */
export function capacityOf(devices: Ledger['devices'], demand: Demand, most: number): number {
  let ledger = emptyLedger(devices);
  while (ledger.held.length < most && ledger.waiting.length === 0) ledger = request(ledger, { id: ledger.held.length, demand });
  return ledger.held.length;
}

function serve(ledger: Ledger): Ledger {
  const [first, ...waiting] = ledger.waiting;
  if (first === undefined) return ledger;
  const devices = placeOf(ledger, first.demand);
  return devices === undefined ? ledger : serve({ ...ledger, held: [...ledger.held, { ...first, devices }], waiting });
}

/** The devices for a demand: those with the most left, of equal ones the first. `undefined`: there is no room now. */
function placeOf({ devices, held }: Ledger, demand: Demand): readonly number[] | undefined {
  const count = Math.max(1, demand.gpu);
  const left = devices.map(({ memoryMb }) => ({ parts: WHOLE, memoryMb }));
  for (const holding of held) {
    for (const index of holding.devices) {
      const device = left[index];
      if (device === undefined) continue;
      device.parts -= partsOf(holding.demand);
      if (device.memoryMb !== undefined) device.memoryMb -= memoryOf(holding.demand);
    }
  }
  const free = left.flatMap(({ parts, memoryMb }, index) => {
    const hasMemory = demand.gpuMemoryMb === undefined || (memoryMb !== undefined && memoryMb >= memoryOf(demand));
    return parts >= partsOf(demand) && hasMemory ? [{ parts, index }] : [];
  });
  if (free.length < count) return undefined;
  const best = free.sort((a, b) => b.parts - a.parts || a.index - b.index).slice(0, count);
  return best.map(({ index }) => index).sort((a, b) => a - b);
}

/** Rounded down: n times 1/n is never more than a device. */
const partsOf = ({ gpu, alone }: Demand): number => (alone || gpu >= 1 ? WHOLE : Math.max(1, Math.floor(gpu * WHOLE)));

const memoryOf = ({ gpuMemoryMb = 0 }: Demand): number => Math.ceil(gpuMemoryMb);
