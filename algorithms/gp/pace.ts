/** Work between two breaths, in multiplications: some milliseconds. */
const BREATH = 4e6;

/** Counts what is computed, and lets others on when it has been enough. */
export class Pace {
  readonly #breathe: () => Promise<void>;
  #spent = 0;

  constructor(breathe: () => Promise<void>) {
    this.#breathe = breathe;
  }

  /** To be awaited before so many multiplications, or after. */
  async spend(work: number): Promise<void> {
    this.#spent += work;
    if (this.#spent < BREATH) return;
    this.#spent = 0;
    await this.#breathe();
  }
}
