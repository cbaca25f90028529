import type { JsonObject } from '../base/json.ts';

/** One configuration: plain JSON, as the trainable receives it (a structured clone of it). */
export type Config = JsonObject;
