/** The loss of a report that is NaN or infinite: sorts last, never promoted, never averaged. */
export const WORST = Number.MAX_VALUE;

/** True for the loss of a diverged report. Test with this before a loss is averaged or fitted. */
export const isWorst = (loss: number): boolean => loss >= WORST;
