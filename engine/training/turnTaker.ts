/** Waits for the event loop's turn when the last one is `intervalMs` ago. */
export function turnTaker(intervalMs: number): () => Promise<void> {
  let lastMs = performance.now();
  return async () => {
    if (performance.now() - lastMs < intervalMs) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    lastMs = performance.now();
  };
}
