/**
 * `shapes`: six figures in colour on a noisy ground of another colour, 3×32×32, the same for the same seed on every
 * machine. Colour says nothing about the class, so a network has to look at the form.
 */
import { Random } from "../nn/random";
import type { Dataset, SampleSet } from "./dataset";

const SIZE = 32;
const TRAIN_SAMPLES = 3000;
const TEST_SAMPLES = 1000;

/** Whether a point is inside a figure of radius 1 around the origin. */
type Figure = (x: number, y: number) => boolean;

const figures: readonly Figure[] = [
  (x, y) => x * x + y * y < 0.8,
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.75,
  (x, y) => y < 0.6 && y > 1.9 * Math.abs(x) - 0.95,
  (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.27 && Math.max(Math.abs(x), Math.abs(y)) < 0.95,
  (x, y) => {
    const square = x * x + y * y;
    return square < 0.9 && square > 0.36;
  },
  (x, y) => Math.abs(y) < 0.3 && Math.abs(x) < 1,
];

export function generateShapes(): Dataset {
  return {
    name: "shapes",
    shape: [3, SIZE, SIZE],
    classes: figures.length,
    train: drawSet(TRAIN_SAMPLES, "shapes/train"),
    test: drawSet(TEST_SAMPLES, "shapes/test"),
  };
}

function drawSet(count: number, label: string): SampleSet {
  const random = new Random(2015, label);
  const values = new Uint8Array(count * 3 * SIZE * SIZE);
  const labels = new Uint8Array(count);
  for (let sample = 0; sample < count; sample++) {
    labels[sample] = random.integer(figures.length);
    const figure = figures[labels[sample] ?? 0];
    if (figure) drawFigure(values.subarray(sample * 3 * SIZE * SIZE, (sample + 1) * 3 * SIZE * SIZE), figure, random);
  }
  return { count, values, labels };
}

function drawFigure(image: Uint8Array, figure: Figure, random: Random): void {
  const turn = random.uniform(0, 2 * Math.PI);
  const radius = random.uniform(6, 12);
  const [centerX, centerY] = [random.uniform(radius, SIZE - radius), random.uniform(radius, SIZE - radius)];
  const ground = [random.uniform(0.1, 0.9), random.uniform(0.1, 0.9), random.uniform(0.1, 0.9)];
  const ink = ground.map((value) => (value + random.uniform(0.35, 0.65)) % 1);
  const noise = random.uniform(0.02, 0.12);
  const [cosine, sine] = [Math.cos(turn) / radius, Math.sin(turn) / radius];
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [dx, dy] = [x - centerX, y - centerY];
      const colour = figure(dx * cosine + dy * sine, dy * cosine - dx * sine) ? ink : ground;
      for (let channel = 0; channel < 3; channel++) {
        const value = (colour[channel] ?? 0) + random.uniform(-noise, noise);
        image[(channel * SIZE + y) * SIZE + x] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
    }
  }
}
