// What `npm run bench` can measure, and which of it was asked for.

/** In this order. */
const BENCH_NAMES = /** @type {const} */ ([
  "engine",
  "instruments",
  "workloads",
  "recorder",
  "activation",
  "typing",
  "runs",
  "live",
  "lint",
]);

/** @typedef {(typeof BENCH_NAMES)[number]} BenchName */

/**
 * @param {readonly string[]} given names, none for all; after `lint` come the folders that it reads
 * @returns {{ chosen: readonly BenchName[], folders: readonly string[], refusal: string | null }} `refusal` is what to
 * say where a name is unknown
 */
export function chooseBenches(given) {
  const lint = given.indexOf("lint");
  const asked = lint < 0 ? given : given.slice(0, lint + 1);
  const folders = lint < 0 ? [] : given.slice(lint + 1);
  const unknown = asked.filter((name) => !(/** @type {readonly string[]} */ (BENCH_NAMES).includes(name)));
  if (unknown.length > 0)
    return {
      chosen: [],
      folders,
      refusal: `Unknown bench: ${unknown.join(", ")}. There are: ${BENCH_NAMES.join(", ")}.`,
    };
  return { chosen: BENCH_NAMES.filter((name) => asked.length === 0 || asked.includes(name)), folders, refusal: null };
}
