/**
 * `noise:…`: Gaussian noise of any shape around a mean that belongs to the class, for models whose data are not at hand. Each
 * value has its own scale and offset, which are large for some: what BN evens out is there to be seen.
 */
import { Random } from "../nn/random";
import { elementCount, type Shape } from "../protocol/shape";
import type { Dataset, SampleSet } from "./dataset";

const CLASSES = 10;
const TRAIN_SAMPLES = 2000;
const TEST_SAMPLES = 500;
/** All samples together; larger shapes have fewer samples. */
const MOST_VALUES = 2 ** 26;

export function generateNoise(shape: Shape): Dataset {
  const size = elementCount(shape);
  const channels = shape[0] ?? 1;
  const random = new Random(2015, `noise/${shape.join("x")}`);
  const scale = Float32Array.from({ length: channels }, () => Math.exp(random.normal()));
  const offset = Float32Array.from({ length: channels }, () => 3 * random.normal());
  const means = Float32Array.from({ length: CLASSES * size }, () => 0.5 * random.normal());
  const share = Math.min(1, MOST_VALUES / (size * (TRAIN_SAMPLES + TEST_SAMPLES)));
  const drawSet = (count: number, part: string): SampleSet => {
    const draw = new Random(2015, `noise/${shape.join("x")}/${part}`);
    const labels = Int32Array.from({ length: count }, () => draw.integer(CLASSES));
    const values = new Float32Array(count * size);
    for (let index = 0; index < values.length; index++) {
      const within = index % size;
      const channel = Math.floor(within / (size / channels));
      const mean = means[(labels[Math.floor(index / size)] ?? 0) * size + within] ?? 0;
      values[index] = (offset[channel] ?? 0) + (scale[channel] ?? 1) * (mean + draw.normal());
    }
    return { count, values, labels };
  };
  const samples = (most: number): number => Math.max(CLASSES, Math.floor(most * share));
  return { name: `noise:${shape.join("x")}`, shape, classes: CLASSES, train: drawSet(samples(TRAIN_SAMPLES), "train"), test: drawSet(samples(TEST_SAMPLES), "test") };
}
