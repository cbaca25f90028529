import { AttuneError } from '../base/errors.ts';

/** Sees to it that an executor serves one experiment at a time. Each `open`, a refused one too, is followed by one disposal. */
export class Occupancy {
  private readonly name: string;
  private opens = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** @throws {AttuneError} `OPTION_RANGE` while another experiment runs */
  enter(): void {
    this.opens += 1;
    if (this.opens === 1) return;
    throw new AttuneError('OPTION_RANGE', `${this.name}: expected an executor that is not in use, got one that runs another experiment.`, {
      hint: `Make one executor per Tuner: executor: ${this.name}().`,
    });
  }

  /** Whether nobody is left: the disposal after a refused `open` must not end the experiment that runs. */
  leave(): boolean {
    this.opens = Math.max(0, this.opens - 1);
    return this.opens === 0;
  }
}
