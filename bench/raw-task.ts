/** The task of a bare piscina pool. */
export const task = ({ x }: { x: number }): { loss: number } => ({ loss: x });
