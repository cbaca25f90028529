import type { ExecutorSession } from '../execute/executor.ts';
import type { Plan } from './plan.ts';

/** What the executor of a planned experiment is told when it opens. */
export function executorSession({ trainable, run, tune }: Plan, warn: (message: string) => void): ExecutorSession {
  const { stopGraceS = 5, trialTimeoutS, resources, verbose } = run;
  const { maxConcurrentTrials } = tune;
  return {
    ...{ trainable, stopGraceS, warn },
    ...(trialTimeoutS === undefined ? {} : { trialTimeoutS }),
    ...(resources === undefined ? {} : { resources }),
    ...(maxConcurrentTrials === undefined ? {} : { maxConcurrentTrials }),
    ...(verbose === 2 ? { echo: true } : {}),
  };
}
