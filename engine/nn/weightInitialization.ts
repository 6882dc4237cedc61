/**
 * Ways to draw a weight `[out, in, …]`, as torch.nn.init has them: fanIn = in·kernel positions, fanOut = out·kernel
 * positions.
 */
import { elementCount, type Shape } from "../protocol/shape";
import type { Initialization } from "../protocol/trainConfig";
import type { Random } from "./random";

export function drawWeights(
  initialization: Exclude<Initialization, { kind: "pytorch" }>,
  shape: Shape,
  random: Random,
): Float32Array {
  const [out = 1, ...rest] = shape;
  const fanIn = elementCount(rest);
  const fanOut = out * elementCount(rest.slice(1));
  const each = (draw: () => number): Float32Array => Float32Array.from({ length: out * fanIn }, draw);
  switch (initialization.kind) {
    case "he":
      // kaiming_normal_(mode="fan_in", nonlinearity="relu"): σ² = 2/fanIn (He et al. 2015, eq. 10).
      return each(() => random.normal() * Math.sqrt(2 / fanIn));
    case "xavier": {
      // xavier_uniform_: variance 2/(fanIn + fanOut) (Glorot & Bengio 2010, eq. 16).
      const bound = Math.sqrt(6 / (fanIn + fanOut));
      return each(() => random.uniform(-bound, bound));
    }
    case "normal":
      return each(() => random.normal() * initialization.deviation);
    case "orthogonal":
      return orthogonal(out, fanIn, random);
  }
}

/**
 * orthogonal_: rows, or columns where there are fewer of them, are orthonormal and uniformly distributed (Saxe et al.
 * 2014). Gram-Schmidt on normal vectors gives the QR decomposition whose R has a positive diagonal; in f64 what it
 * leaves of the other vectors is far below what an f32 can represent.
 */
function orthogonal(rows: number, columns: number, random: Random): Float32Array {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of basis) subtractProjection(vector, other);
    normalize(vector);
    basis.push(vector);
  }
  const valueAt = (row: number, column: number): number =>
    (rows <= columns ? basis[row]?.[column] : basis[column]?.[row]) ?? NaN;
  return Float32Array.from({ length: rows * columns }, (_, index) =>
    valueAt(Math.floor(index / columns), index % columns),
  );
}

/** `unit` has length 1. */
function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  let along = 0;
  for (let index = 0; index < vector.length; index++) along += (vector[index] ?? 0) * (unit[index] ?? 0);
  for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) - along * (unit[index] ?? 0);
}

function normalize(vector: Float64Array): void {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  vector.forEach((value, index) => (vector[index] = value / length));
}
