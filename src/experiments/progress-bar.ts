import type { Snapshot } from '../watch/snapshot.ts';
import type { Reporter, Room } from '../watch/status-table.ts';

const LONGEST_BAR = 40;
const SHORTEST_BAR = 10;

/** How far a list of experiments has come, in one line: `experiments ███████░░░░░ 7/12, 3 running, 1 failed, 0:41`. */
export const progressBar: Reporter = (snapshot: Snapshot, { columns }: Room): string => {
  const { done, counts, elapsedS, expected = done } = snapshot;
  const parts = [`${done}/${expected}`, some(counts.RUNNING, 'running'), some(counts.ERROR, 'failed'), clockOf(elapsedS)];
  const text = ` ${parts.filter(Boolean).join(', ')}`;
  const room = Math.min(LONGEST_BAR, columns - LABEL.length - text.length);
  if (room < SHORTEST_BAR) return text.trimStart();
  const full = expected === 0 ? room : Math.floor((room * done) / expected);
  return `${LABEL}${'█'.repeat(full)}${'░'.repeat(room - full)}${text}`;
};

const LABEL = 'experiments ';

const some = (count: number, what: string): string => (count === 0 ? '' : `${count} ${what}`);

function clockOf(elapsed: number): string {
  const seconds = Math.floor(elapsed);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
