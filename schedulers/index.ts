/// <reference types="node" preserve="true" />
export { type AshaOptions, type AshaState, asha } from './asha.ts';
export { fifo } from './fifo.ts';
