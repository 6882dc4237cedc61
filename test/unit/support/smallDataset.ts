/** A quick set of two-tone images whose class is the brighter of ten columns: learnable in a few steps. */
import type { Dataset, SampleSet } from "../../../engine/data/dataset";
import { Random } from "../../../engine/nn/random";

export function stripes(trainSamples = 240, testSamples = 80): Dataset {
  return {
    name: "stripes",
    shape: [1, 28, 28],
    classes: 10,
    train: drawStripes(trainSamples, "train"),
    test: drawStripes(testSamples, "test"),
  };
}

function drawStripes(count: number, label: string): SampleSet {
  const random = new Random(3, label);
  const images = new Uint8Array(count * 784);
  const labels = Uint8Array.from({ length: count }, (_, sample) => sample % 10);
  labels.forEach((column, sample) => {
    for (let pixel = 0; pixel < 784; pixel++)
      images[sample * 784 + pixel] = random.integer(90) + (Math.floor((pixel % 28) / 2.8) === column ? 160 : 0);
  });
  return { count, values: images, labels };
}
