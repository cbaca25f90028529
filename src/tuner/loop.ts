import type { ExecutorEvent } from '../execute/executor.ts';
import { Asker } from './asker.ts';
import { BackOff } from './back-off.ts';
import type { Message } from './inbox.ts';
import { next } from './next.ts';
import { Orders } from './orders.ts';
import { Runs } from './runs.ts';
import type { Shell } from './shell.ts';

/**
 * Carries out what `next` says until there is nothing left. Handles a whole batch of events, writes it once, answers,
 * and only then fills slots. The only code of an experiment that waits.
 *
 * @returns why it ended, and what the searcher threw, if it did
 */
export async function runLoop(shell: Shell): Promise<{ readonly why: string; readonly failure: { readonly error: unknown } | undefined }> {
  using backOff = new BackOff(shell.clock, () => shell.inbox.put({ kind: 'woken' }));
  const runs = new Runs(shell, backOff);
  const asker = new Asker(shell);
  const orders = new Orders(shell, asker);
  const pull = puller(shell);
  let messages = shell.inbox.drain(); // what was asked for before the run comes before everything else
  for (;;) {
    for (const message of messages) {
      if (message.kind === 'batch') pull.arrived();
      handle(shell, { runs, asker, orders }, message);
    }
    checkBudget(shell);
    runs.answer();
    orders.settle();
    const why = shell.executor.isSettled === false ? undefined : fill(shell, runs, asker);
    if (why !== undefined) {
      asker.abandon();
      return { why, failure: asker.failure };
    }
    messages = shell.inbox.drain(); // what was asked for in the meantime comes before what happens next
    if (messages.length > 0) continue;
    pull.next(asker.asking);
    messages = shell.inbox.drain();
    if (messages.length === 0) messages = await shell.inbox.take();
  }
}

/** Fills slots until there is nothing to do but wait; then writes, and starts what was begun. Returns why the run is over. */
function fill(shell: Shell, runs: Runs, asker: Asker): string | undefined {
  const { experiment, recorder, executor, maxConcurrentTrials } = shell;
  for (;;) {
    const slots = Math.min(executor.slots, maxConcurrentTrials);
    const step = next(experiment, { slots, runs: runs.size, asking: asker.asking, waitedAt: asker.waitedAt, resting: runs.resting });
    switch (step.do) {
      case 'start':
        runs.begin(step.trial);
        break;
      case 'finish':
        runs.finish(step.trial);
        break;
      case 'queue':
        asker.queueEntry(step.entry);
        break;
      case 'tell':
        recorder.record({ kind: step.kind });
        break;
      case 'ask':
        asker.ask();
        break;
      case 'wait':
      case 'end':
        recorder.flush();
        runs.launch();
        return step.do === 'end' ? step.why : undefined;
    }
  }
}

interface Hands {
  readonly runs: Runs;
  readonly asker: Asker;
  readonly orders: Orders;
}

function handle({ experiment, recorder }: Shell, { runs, asker, orders }: Hands, message: Message): void {
  switch (message.kind) {
    case 'batch':
      for (const event of message.events) runs.accept(event);
      return;
    case 'suggested':
      return asker.accept(message.suggestion);
    case 'searcher-failed':
      return asker.reject(message.error);
    case 'executor-failed':
    case 'storage-failed':
      throw message.error;
    case 'told':
      if (message.event.kind !== 'halted' || !experiment.halted) recorder.record(message.event);
      return;
    case 'ordered':
      return orders.take(message);
    case 'woken':
      return;
  }
}

/** Asks the executor for its next batch, one at a time. Simulated time stands still while the searcher thinks. */
function puller({ executor, inbox }: Shell): { next(asking: boolean): void; arrived(): void } {
  let batches: AsyncIterator<readonly ExecutorEvent[]> | undefined; // asked for when it is needed: an interrupted run may be over before its executor is open
  const ended = new Error('attune: the executor ended while trials ran.');
  let pulling = false;
  return {
    arrived: () => {
      pulling = false;
    },
    next(asking) {
      if (pulling || (asking && executor.clock !== undefined)) return;
      const events = executor.ready?.();
      if (events) return inbox.put({ kind: 'batch', events });
      pulling = true;
      batches ??= executor.batches()[Symbol.asyncIterator]();
      batches.next().then(
        ({ done, value }) => inbox.put(done ? { kind: 'executor-failed', error: ended } : { kind: 'batch', events: value }),
        (error: unknown) => inbox.put({ kind: 'executor-failed', error }),
      );
    },
  };
}

/** Halts the experiment when its time is used up; trials that run then are stopped at their next report, and kept. */
function checkBudget({ experiment, recorder, clock, timeBudgetS }: Shell): void {
  const { halted, time } = experiment;
  if (timeBudgetS === undefined || halted || time.spent + clock.now() - time.opened < timeBudgetS * 1000) return;
  recorder.record({ kind: 'halted', by: 'timeBudgetS', reason: `the time budget of ${timeBudgetS} s is used up` });
}
