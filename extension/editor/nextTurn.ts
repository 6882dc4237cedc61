/**
 * Resolves once what waits for the thread was served: keys, requests of VS Code. All extensions share one thread, so
 * long work on it is done in parts.
 */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
