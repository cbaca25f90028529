/** What stands before the losses in a record: the step, how many trials had ended then, the violation. */
const HEAD = 3;

/** The reports of one trial: records of numbers in one array. No typed one: that would be made anew with every doubling, outside the heap. */
export class ReportColumn {
  readonly #width: number;
  readonly #records: number[] = [];
  #count = 0;

  constructor(objectives: number) {
    this.#width = HEAD + objectives;
  }

  push(step: number, ended: number, violation: number, losses: readonly number[]): void {
    this.#records.push(step, ended, violation, ...losses);
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
    return this.#records.slice(start + HEAD, start + this.#width);
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
