/** The event loop's turn: whatever waits, such as a request, is let in. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for the event loop's turn when the last one is `intervalMs` ago. */
export function turnTaker(intervalMs: number): () => Promise<void> {
  let lastMs = performance.now();
  return async () => {
    if (performance.now() - lastMs < intervalMs) return;
    await nextTurn();
    lastMs = performance.now();
  };
}
