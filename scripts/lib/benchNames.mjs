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
]);

/** @typedef {(typeof BENCH_NAMES)[number]} BenchName */

/**
 * @param {readonly string[]} asked names; none for all
 * @returns {{ chosen: readonly BenchName[], refusal: string | null }} `refusal` is what to say where a name is unknown
 */
export function chooseBenches(asked) {
  const unknown = asked.filter((name) => !(/** @type {readonly string[]} */ (BENCH_NAMES).includes(name)));
  if (unknown.length > 0)
    return { chosen: [], refusal: `Unknown bench: ${unknown.join(", ")}. There are: ${BENCH_NAMES.join(", ")}.` };
  return { chosen: BENCH_NAMES.filter((name) => asked.length === 0 || asked.includes(name)), refusal: null };
}
