import type { Device } from '../execute/devices/device.ts';
import type { Examination, Examined } from '../tfjs/build/examine.ts';
import type { Paint } from '../watch/paint.ts';

const ON_GPU = ['tfjs-node-gpu', 'webgpu'];

/** The NVIDIA GPUs; a text says why none is known. */
export type Gpus = readonly Device[] | string;

/** Whether the best that this machine can do works: a GPU is used if there is one, and nothing that is installed is broken. */
export function isWell({ backends }: Examination, gpus: Gpus): boolean {
  const taken = backends.findIndex(({ trial }) => trial.works);
  const chosen = backends[taken]?.name;
  if (chosen === undefined || chosen === 'cpu') return false;
  if (gpus.length > 0 && typeof gpus !== 'string' && !ON_GPU.includes(chosen)) return false;
  return backends.slice(0, taken).every(({ trial }) => trial.works || trial.what !== 'loading');
}

/** What `attune doctor` prints. */
export function doctorPage(examination: Examination, gpus: Gpus, version: string, paint: Paint): string {
  const { node, platform, cpus, backends } = examination;
  const taken = backends.find(({ trial }) => trial.works)?.name;
  const width = Math.max(...backends.map(({ name }) => name.length));
  const hasGpu = typeof gpus !== 'string' && gpus.length > 0;
  return [
    `${paint('bold', `attune ${version}`)}  Node ${node}, ${platform}, ${cpus} ${cpus === 1 ? 'core' : 'cores'}`,
    '',
    paint('bold', 'NVIDIA GPUs'),
    ...gpuLines(gpus, paint),
    '',
    paint('bold', 'Backends of tfjs, the best first'),
    ...backends.flatMap((backend) => backendLines(backend, width, hasGpu, backend.name === taken, paint)),
    '',
    taken === undefined ? paint('red', 'No backend works.') : `useBackend() takes ${paint('bold', taken)}.`,
    '',
  ].join('\n');
}

function gpuLines(gpus: Gpus, paint: Paint): readonly string[] {
  if (typeof gpus === 'string') return [paint('dim', `  none: ${gpus}`)];
  if (gpus.length === 0) return [paint('dim', '  none')];
  return gpus.map(({ id, name, driver, memoryMb }) => `  ${id}  ${name}, ${memoryMb === undefined ? '' : `${memoryMb} MB, `}driver ${driver}`);
}

function backendLines({ name, version, trial }: Examined, width: number, hasGpu: boolean, isTaken: boolean, paint: Paint): readonly string[] {
  const label = name.padEnd(width);
  if (trial.works) {
    const facts = [version, trial.note].filter((fact) => fact !== undefined && fact !== '').join(', ');
    return [`  ${paint('green', '✓')} ${isTaken ? paint('bold', label) : label}  ${facts}`];
  }
  const isBroken = trial.what === 'loading';
  const line = `  ${isBroken ? paint('red', '✗') : paint('dim', '–')} ${label}  ${version === undefined ? '' : `${version}, `}${trial.lacks}`;
  const fixHelps = trial.fix !== undefined && (isBroken || hasGpu || name !== 'tfjs-node-gpu');
  return fixHelps ? [line, `    ${' '.repeat(width)}  ${paint('cyan', `→ ${trial.fix}`)}`] : [line];
}
