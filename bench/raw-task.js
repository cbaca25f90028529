/** The task of a bare piscina pool. Plain JavaScript: nothing stands between it and Node. */
export const task = ({ x }) => ({ loss: x });
