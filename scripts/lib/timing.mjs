// Durations as a person reads them, and one way to print a step with its duration.

/**
 * @param {number} elapsedMs
 * @returns {string} for example "0.3 s" or "2 min 5 s"
 */
export function formatDuration(elapsedMs) {
  if (elapsedMs < 60_000) return `${(elapsedMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(elapsedMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Do a step and say how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function timed(title, work) {
  const started = Date.now();
  const value = await work();
  console.log(`${title} (${formatDuration(Date.now() - started)})`);
  return value;
}

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A promise that fails with `message` when `work` takes too long; `work` itself is not stopped.
 * @template T
 * @param {Promise<T>} work
 * @param {number} timeoutMs
 * @param {string} message
 * @returns {Promise<T>}
 */
export function within(work, timeoutMs, message) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), timeoutMs);
  });
  return /** @type {Promise<T>} */ (Promise.race([work, limit])).finally(() => clearTimeout(timer));
}
