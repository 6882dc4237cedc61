/** Points in the plane, for perceptrons: the same for the same seed on every machine. */
import { Random } from "../nn/random";
import type { Dataset, SampleSet } from "./dataset";

const TRAIN_SAMPLES = 4000;
const TEST_SAMPLES = 1000;

type Draw = (label: number, random: Random) => readonly [x: number, y: number];

/** Five clouds around the corners of a pentagon; neighbours overlap a little. */
export function generateBlobs(): Dataset {
  return pointSet("blobs", 5, (label, random) => {
    const angle = (2 * Math.PI * label) / 5;
    return [2 * Math.cos(angle) + 0.6 * random.normal(), 2 * Math.sin(angle) + 0.6 * random.normal()];
  });
}

/** Three arms that wind around each other: no straight line parts them. */
export function generateSpirals(): Dataset {
  return pointSet("spirals", 3, (label, random) => {
    const radius = 0.15 + random.uniform(0, 1.85);
    const angle = 2 * Math.PI * (label / 3 + 0.45 * radius) + 0.12 * random.normal();
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

function pointSet(name: string, classes: number, draw: Draw): Dataset {
  const drawSet = (count: number, part: string): SampleSet => {
    const random = new Random(2015, `${name}/${part}`);
    const values = new Float32Array(count * 2);
    const labels = new Int32Array(count);
    for (let sample = 0; sample < count; sample++) {
      labels[sample] = random.integer(classes);
      values.set(draw(labels[sample] ?? 0, random), sample * 2);
    }
    return { count, values, labels };
  };
  return { name, shape: [2], classes, train: drawSet(TRAIN_SAMPLES, "train"), test: drawSet(TEST_SAMPLES, "test") };
}
