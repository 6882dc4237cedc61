/**
 * The matrix product and the processor's peak in turns: prints `{ size, product, peak }` in GF/s as JSON, or null
 * without relaxed SIMD.
 */
import { readFileSync } from "node:fs";
import { Arena } from "../../engine/nn/arena";
import { plainProduct } from "../../engine/nn/kernels/plainProduct";
import { usableKernels } from "../../engine/training/chooseKernels";

const SIZE = 512;
/** Columns of a row in memory, as the engine pads them. */
const STRIDE = 528;
const ROUNDS = 200;
const PEAK_LOOPS = 20_000;
const VECTORS = 2;
const LANES = 4;

const [, , peakFile = "", sums = ""] = process.argv;
const wide = usableKernels().find(({ module, wide: isWide }) => module === "fma" && isWide);

if (wide === undefined) {
  console.log("null");
} else {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(peakFile)));
  const multiplyAdd = instance.exports["multiplyAdd"] as (times: number, at: number) => void;
  const arena = new Arena(wide);
  const [a, b, c] = [0, 1, 2].map(() => arena.allocateFloats(SIZE * STRIDE)) as [number, number, number];
  arena.commit();
  const row = STRIDE * 4;
  const product = (): void =>
    plainProduct(arena.kernels, {
      rows: SIZE,
      columns: SIZE,
      depth: SIZE,
      wide: 1,
      a: { base: a, row: row, column: 4 },
      b: { base: b, row: row },
      c: { base: c, row: row },
      bias: 0,
    });
  const fastest = { product: Infinity, peak: Infinity };
  const time = (work: () => void): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };
  for (let round = 0; round < ROUNDS; round++) {
    fastest.product = Math.min(fastest.product, time(product));
    fastest.peak = Math.min(
      fastest.peak,
      time(() => multiplyAdd(PEAK_LOOPS, 1024)),
    );
  }
  const perSecond = (operations: number, ms: number): number => operations / ms / 1e6;
  console.log(
    JSON.stringify({
      size: SIZE,
      product: perSecond(2 * SIZE ** 3, fastest.product),
      peak: perSecond(2 * PEAK_LOOPS * Number(sums) * VECTORS * LANES, fastest.peak),
    }),
  );
}
