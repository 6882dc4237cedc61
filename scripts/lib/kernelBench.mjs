// The matrix product beside what the processor's vector units can do at most, measured in turns.
import fs from "node:fs";
import { inRepo } from "./paths.mjs";
import { run } from "./process.mjs";

/** Independent sums: enough to keep two fused multiply-add units busy for as long as one of them takes. */
const SUMS = 12;
/**
 * Where a process's pages lie in the cache makes several per cent of a difference: the fastest of so many processes
 * counts.
 */
const PROCESSES = 6;

/**
 * Multiplies and adds in registers, nothing else; neighbouring pairs of vectors become one where the engine fuses them.
 */
function peakModule() {
  const pairs = [...Array(SUMS).keys()].flatMap((index) => [`s${index}a`, `s${index}b`]);
  return [
    "export function multiplyAdd(times: i32, at: usize): void {",
    "  const xa = v128.load(at), xb = v128.load(at, 16), ya = v128.load(at, 32), yb = v128.load(at, 48);",
    ...pairs.map((name, index) => `  let ${name} = v128.load(at, ${64 + 16 * index});`),
    "  do {",
    ...pairs.map((name) => `    ${name} = f32x4.relaxed_madd(${name}, x${name.at(-1)}, y${name.at(-1)});`),
    "  } while (--times);",
    ...pairs.map((name, index) => `  v128.store(at, ${name}, ${64 + 16 * index});`),
    "}",
  ].join("\n");
}

/**
 * @param {string} node that runs it
 * @returns {Promise<{ size: number, product: number, peak: number } | null>} in GF/s; null where relaxed SIMD is
 *   missing
 */
export async function benchProduct(node) {
  const folder = inRepo("out", "bench", "kernels");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(`${folder}/peak.ts`, peakModule());
  const asc = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main([
    `${folder}/peak.ts`,
    "--outFile",
    `${folder}/peak.wasm`,
    "-O3",
    "--noAssert",
    "--runtime",
    "stub",
    "--initialMemory",
    "1",
    "--enable",
    "simd",
    "--enable",
    "relaxed-simd",
  ]);
  if (error) throw new Error(`The peak's kernel does not compile:\n${stderr.toString()}`);
  /** @type {Awaited<ReturnType<typeof benchProduct>>} */
  let fastest = null;
  for (let index = 0; index < PROCESSES; index++) {
    const { code, output } = await run(
      node,
      [inRepo("out", "bench", "kernels.js"), `${folder}/peak.wasm`, String(SUMS)],
      { output: "capture", timeoutMs: 60_000 },
    );
    if (code !== 0) throw new Error(output);
    const measured = JSON.parse(output);
    if (fastest === null || (measured?.product ?? 0) > fastest.product) fastest = measured;
  }
  return fastest;
}
