/** Lets the event loop in: requests are answered then. */
export const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for the event loop's turn when the last one is `intervalMs` ago. */
export function turnTaker(intervalMs: number): () => Promise<void> {
  let lastMs = performance.now();
  return async () => {
    if (performance.now() - lastMs < intervalMs) return;
    await eventLoopTurn();
    lastMs = performance.now();
  };
}
