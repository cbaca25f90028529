/** What stands before the losses in a record: the step, how many trials had ended then, the violation. */
const HEAD = 3;
/** Reports that there is room for at first. */
const FEW = 4;

/** The reports of one trial: records of numbers in one array that doubles as it fills; nothing is allocated before the first. */
export class ReportColumn {
  readonly #width: number;
  #records = new Float64Array(0);
  #count = 0;

  constructor(objectives: number) {
    this.#width = HEAD + objectives;
  }

  push(step: number, ended: number, violation: number, losses: readonly number[]): void {
    const start = this.#count * this.#width;
    if (start === this.#records.length) {
      const larger = new Float64Array(Math.max(FEW * this.#width, 2 * start));
      larger.set(this.#records);
      this.#records = larger;
    }
    const records = this.#records;
    records[start] = step;
    records[start + 1] = ended;
    records[start + 2] = violation;
    for (let i = 0; i < losses.length; i++) records[start + HEAD + i] = losses[i] as number;
    this.#count++;
  }

  /** How many of the reports had come before more than `ended` trials had ended. */
  countAt(ended: number): number {
    let count = this.#count;
    while (count > 0 && this.#number(count - 1, 1) > ended) count--;
    return count;
  }

  losses(report: number): readonly number[] {
    const start = report * this.#width;
    return Array.from(this.#records.subarray(start + HEAD, start + this.#width));
  }

  violation(report: number): number {
    return this.#number(report, 2);
  }

  /** Of the first `count` reports. */
  steps(count: number): Float64Array {
    return Float64Array.from({ length: count }, (_, report) => this.#number(report, 0));
  }

  /** Of the first `count` reports. */
  curve(count: number, objective: number): Float64Array {
    return Float64Array.from({ length: count }, (_, report) => this.#number(report, HEAD + objective));
  }

  #number(report: number, offset: number): number {
    return this.#records[report * this.#width + offset] ?? NaN;
  }
}
