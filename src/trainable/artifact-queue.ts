import { saveArtifact } from '../checkpoint/save-artifact.ts';
import type { TrialContext } from './trial-context.ts';

/** The artifacts of one run, written one after the other: two of one name at once would take each other's place half-written. */
export interface ArtifactQueue {
  readonly save: TrialContext['saveArtifact'];
  /** Resolves when all are written, or have failed, and no more are wanted. Never rejects. */
  settled(): Promise<void>;
}

/** @param dir - of the trial, absolute; made with the first artifact */
export function artifactQueue(dir: string): ArtifactQueue {
  let tail: Promise<unknown> | undefined;
  return {
    save(name, value, type) {
      const saved = (tail ?? Promise.resolve()).then(() => saveArtifact(dir, name, value, type));
      tail = saved.catch(() => {});
      return saved;
    },
    async settled() {
      while (tail !== undefined) {
        const last = tail;
        await last;
        if (tail === last) tail = undefined;
      }
    },
  };
}
