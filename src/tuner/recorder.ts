import type { Clock } from '../base/clock.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { ExperimentEvent, JournalLine, Stamp } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { advance } from './advance.ts';
import type { Experiment } from './experiment.ts';
import { problemOf } from './plugin-failed.ts';

/** Where lines go, and who is told. */
export interface Sink {
  /** One synchronous write. */
  append(lines: readonly JournalLine[]): void;
  /** After the write. */
  observe(line: JournalLine): void;
  removeCheckpoint(trial: TrialId, name: string): void;
  warn(message: string): void;
}

/** Folds events and keeps their lines until they are written: nothing acts on an event before `flush`. */
export interface Recorder {
  /** Folds `event` now, and makes it the line that is written with the next `flush`: it is the recorder's. The line may still be amended until then. */
  record(event: ExperimentEvent): JournalLine;
  flush(): void;
}

export function recorder(experiment: Experiment, sink: Sink, clock: Clock): Recorder {
  let lines: JournalLine[] = [];
  return {
    record(event) {
      const at = clock.now();
      const { fault: before } = experiment;
      const { decisions, fault, warnings } = advance(experiment, event, at);
      for (const warning of warnings) sink.warn(warning);
      // The event itself becomes the line: a copy of it, by spread or assignment, takes longer than to fold it.
      const line: { -readonly [K in keyof Stamp]: Stamp[K] } & ExperimentEvent = Object.assign(event, { at });
      if (decisions.length > 0) line.decisions = decisions;
      if (fault) line.fault = toErrorData(fault);
      lines.push(line);
      const { halted } = experiment;
      if (fault && !before && halted?.reason === problemOf(fault)) this.record({ kind: 'halted', by: halted.by, reason: halted.reason, interrupt: true });
      return line;
    },
    flush() {
      if (lines.length === 0) return;
      const written = lines;
      lines = [];
      sink.append(written);
      for (const line of written) {
        sink.observe(line);
        if (line.kind === 'checkpointed') for (const name of line.removed ?? []) sink.removeCheckpoint(line.trial, name);
      }
    },
  };
}
