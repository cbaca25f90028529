import { processes, threads } from 'attune';

/** The executor that the test asks for. */
export const workers = process.env.EXECUTOR === 'processes' ? processes : threads;
