import type { Law } from './law.ts';

export const ashaLaws: readonly Law[] = [];
