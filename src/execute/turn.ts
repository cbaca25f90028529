import { setImmediate } from 'node:timers';

/** One turn of the event loop: whatever is ready has been delivered when it resolves. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
