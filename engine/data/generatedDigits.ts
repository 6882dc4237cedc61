/**
 * `digits`: ten digits as strokes of our own, drawn into 28×28 pixels with distortions and noise, the same for the
 * same seed on every machine. Hard on purpose (heavy affine distortion, wobble, clutter, faint ink), so that a sigmoid
 * network without BN stalls on it while its BN twin learns.
 */
import { Random } from "../nn/random";
import type { Dataset, SampleSet } from "./dataset";

const SIZE = 28;
const TRAIN_SAMPLES = 6000;
const TEST_SAMPLES = 2000;

type Point = readonly [x: number, y: number];
type Stroke = readonly Point[];

/** An arc as points; angles in turns, clockwise from the right, in the unit square with y downwards. */
function arc(
  centerX: number,
  centerY: number,
  radiusX: number,
  radiusY: number,
  fromTurn: number,
  toTurn: number,
): Point[] {
  const segments = 14;
  return Array.from({ length: segments + 1 }, (_, index) => {
    const angle = 2 * Math.PI * (fromTurn + ((toTurn - fromTurn) * index) / segments);
    return [centerX + radiusX * Math.cos(angle), centerY + radiusY * Math.sin(angle)] as const;
  });
}

/** Each digit in the unit square. */
const digitStrokes: readonly (readonly Stroke[])[] = [
  [arc(0.5, 0.5, 0.3, 0.45, 0, 1)],
  [
    [
      [0.32, 0.24],
      [0.55, 0.06],
      [0.55, 0.94],
    ],
  ],
  [[...arc(0.5, 0.32, 0.28, 0.26, 0.5, 1.08), [0.22, 0.93], [0.8, 0.93]]],
  [[...arc(0.46, 0.29, 0.27, 0.23, 0.55, 1.25), ...arc(0.46, 0.72, 0.3, 0.23, 0.75, 1.42)]],
  [
    [
      [0.62, 0.95],
      [0.62, 0.06],
      [0.18, 0.66],
      [0.84, 0.66],
    ],
  ],
  [[[0.76, 0.07], [0.32, 0.07], [0.28, 0.44], ...arc(0.48, 0.66, 0.28, 0.27, 0.68, 1.4)]],
  [[[0.66, 0.06], [0.36, 0.36], ...arc(0.5, 0.7, 0.26, 0.24, 0.55, 1.55)]],
  [
    [
      [0.18, 0.08],
      [0.8, 0.08],
      [0.42, 0.94],
    ],
  ],
  [arc(0.5, 0.28, 0.23, 0.21, 0.25, 1.25), arc(0.5, 0.72, 0.28, 0.23, 0.75, 1.75)],
  [[...arc(0.5, 0.3, 0.25, 0.24, 1, 0), [0.72, 0.55], [0.58, 0.94]]],
];

/** The generated set; the seed is part of its identity, not a setting. */
export function generateDigits(): Dataset {
  return {
    name: "digits",
    shape: [1, SIZE, SIZE],
    classes: 10,
    train: drawSet(TRAIN_SAMPLES, "digits/train"),
    test: drawSet(TEST_SAMPLES, "digits/test"),
  };
}

function drawSet(count: number, label: string): SampleSet {
  const random = new Random(2015, label);
  const images = new Uint8Array(count * SIZE * SIZE);
  const labels = new Uint8Array(count);
  const canvas = new Float32Array(SIZE * SIZE);
  for (let sample = 0; sample < count; sample++) {
    const digit = random.integer(10);
    labels[sample] = digit;
    drawDigit(canvas, digitStrokes[digit] ?? [], random);
    for (let pixel = 0; pixel < canvas.length; pixel++)
      images[sample * canvas.length + pixel] = Math.round(255 * Math.min(1, Math.max(0, canvas[pixel] ?? 0)));
  }
  return { count, values: images, labels };
}

function drawDigit(canvas: Float32Array, strokes: readonly Stroke[], random: Random): void {
  canvas.fill(0);
  const place = randomPlacement(random);
  const radius = random.uniform(0.7, 1.5);
  const ink = random.uniform(0.65, 1);
  for (const stroke of strokes) drawPolyline(canvas, stroke.map(place), radius, ink);
  const clutter = random.integer(3);
  for (let index = 0; index < clutter; index++) drawClutter(canvas, random);
  const noise = random.uniform(0.03, 0.2);
  for (let pixel = 0; pixel < canvas.length; pixel++)
    canvas[pixel] = (canvas[pixel] ?? 0) + random.uniform(-noise, noise);
}

/** Rotation, shear, scale, shift and a slow wobble along both axes, from the unit square to pixels. */
function randomPlacement(random: Random): (point: Point) => Point {
  const angle = random.uniform(-0.3, 0.3);
  const shear = random.uniform(-0.35, 0.35);
  const scaleX = random.uniform(13, 21);
  const scaleY = random.uniform(15, 22);
  const centerX = SIZE / 2 + random.uniform(-2.5, 2.5);
  const centerY = SIZE / 2 + random.uniform(-2.5, 2.5);
  const wobble = random.uniform(0, 0.05);
  const phaseX = random.uniform(0, 2 * Math.PI);
  const phaseY = random.uniform(0, 2 * Math.PI);
  return ([x, y]) => {
    const u = (x - 0.5 + wobble * Math.sin(6 * y + phaseX) + shear * (0.5 - y)) * scaleX;
    const v = (y - 0.5 + wobble * Math.sin(6 * x + phaseY)) * scaleY;
    return [centerX + u * Math.cos(angle) - v * Math.sin(angle), centerY + u * Math.sin(angle) + v * Math.cos(angle)];
  };
}

function drawPolyline(canvas: Float32Array, points: readonly Point[], radius: number, ink: number): void {
  for (let index = 1; index < points.length; index++) {
    const from = points[index - 1];
    const to = points[index];
    if (from && to) drawSegment(canvas, from, to, radius, ink);
  }
}

/** Ink falls off over one pixel beyond the radius; overlapping strokes keep the darker of the two. */
function drawSegment(
  canvas: Float32Array,
  [fromX, fromY]: Point,
  [toX, toY]: Point,
  radius: number,
  ink: number,
): void {
  const reach = radius + 1;
  const [left, right] = [Math.floor(Math.min(fromX, toX) - reach), Math.ceil(Math.max(fromX, toX) + reach)];
  const [top, bottom] = [Math.floor(Math.min(fromY, toY) - reach), Math.ceil(Math.max(fromY, toY) + reach)];
  const lengthSquared = (toX - fromX) ** 2 + (toY - fromY) ** 2 || 1;
  for (let y = Math.max(0, top); y <= Math.min(SIZE - 1, bottom); y++) {
    for (let x = Math.max(0, left); x <= Math.min(SIZE - 1, right); x++) {
      const along = Math.min(
        1,
        Math.max(0, ((x - fromX) * (toX - fromX) + (y - fromY) * (toY - fromY)) / lengthSquared),
      );
      const offsetX = x - fromX - along * (toX - fromX);
      const offsetY = y - fromY - along * (toY - fromY);
      // Not Math.hypot, which is ten times slower and guards against overflows that 28 pixels do not have.
      const distance = Math.sqrt(offsetX * offsetX + offsetY * offsetY);
      const amount = ink * Math.min(1, Math.max(0, radius + 0.5 - distance));
      const pixel = y * SIZE + x;
      canvas[pixel] = Math.max(canvas[pixel] ?? 0, amount);
    }
  }
}

/** A short faint stroke that belongs to no digit. */
function drawClutter(canvas: Float32Array, random: Random): void {
  const x = random.uniform(0, SIZE);
  const y = random.uniform(0, SIZE);
  const angle = random.uniform(0, 2 * Math.PI);
  const length = random.uniform(2, 7);
  drawSegment(
    canvas,
    [x, y],
    [x + length * Math.cos(angle), y + length * Math.sin(angle)],
    random.uniform(0.3, 0.9),
    random.uniform(0.3, 0.7),
  );
}
