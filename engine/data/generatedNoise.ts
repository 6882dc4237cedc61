/**
 * `noise:…`: Gaussian noise of any shape around a mean that belongs to the class, for models whose data are not at
 * hand. Each value has its own scale and offset, which are large for some: what BN evens out is there to be seen.
 */
import { Random } from "../nn/random";
import { elementCount, placesOf, type Shape } from "../protocol/shape";
import type { Dataset, SampleSet } from "./dataset";

const CLASSES = 10;
const TRAIN_SAMPLES = 2000;
const TEST_SAMPLES = 500;
/** All samples together; larger shapes have fewer samples. */
const MOST_VALUES = 2 ** 26;

/** A sample has an array of each shape. */
export function generateNoise(shapes: readonly Shape[]): Dataset {
  const name = `noise:${shapes.map((shape) => shape.join("x")).join(",")}`;
  const seed = name.replace(":", "/");
  const { total: size } = placesOf(shapes);
  const random = new Random(2015, seed);
  const kinds = shapes.flatMap((shape) => kindsOf(shape, random));
  const share = Math.min(1, MOST_VALUES / (size * (TRAIN_SAMPLES + TEST_SAMPLES)));
  const drawSet = (count: number, part: string): SampleSet => {
    const draw = new Random(2015, `${seed}/${part}`);
    const labels = Int32Array.from({ length: count }, () => draw.integer(CLASSES));
    const values = new Float32Array(count * size);
    let index = 0;
    for (const label of labels) {
      for (const { channelSize, offset, scale, means, first, stride } of kinds) {
        for (let position = 0; position < channelSize; position++) {
          const mean = means[label * stride + first + position] ?? 0;
          values[index++] = offset + scale * (mean + draw.normal());
        }
      }
    }
    return { count, values, labels };
  };
  const samples = (most: number): number => Math.max(CLASSES, Math.floor(most * share));
  const [only = []] = shapes;
  const parts =
    shapes.length > 1 ? { shape: [size], parts: shapes.map((shape) => ({ name: "", shape })) } : { shape: only };
  return {
    name,
    ...parts,
    classes: CLASSES,
    train: drawSet(samples(TRAIN_SAMPLES), "train"),
    test: drawSet(samples(TEST_SAMPLES), "test"),
  };
}

/** How the values of one channel are drawn. */
interface ChannelKind {
  readonly channelSize: number;
  readonly offset: number;
  readonly scale: number;
  /** `[class, position]` of the whole shape: the channel's begin at `first`, those of a class are `stride` apart. */
  readonly means: Float32Array;
  readonly first: number;
  readonly stride: number;
}

function kindsOf(shape: Shape, random: Random): ChannelKind[] {
  const stride = elementCount(shape);
  const channels = shape[0] ?? 1;
  const scales = Float32Array.from({ length: channels }, () => Math.exp(random.normal()));
  const offsets = Float32Array.from({ length: channels }, () => 3 * random.normal());
  const means = Float32Array.from({ length: CLASSES * stride }, () => 0.5 * random.normal());
  const channelSize = stride / channels;
  return Array.from(scales, (scale, channel) => ({
    channelSize,
    offset: offsets[channel] ?? 0,
    scale,
    means,
    first: channel * channelSize,
    stride,
  }));
}
