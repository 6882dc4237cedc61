/**
 * Layers that are a fixed linear map within a sample, y[i] = Σ w·x[j] over a few j: rearrangements, sums over axes,
 * interpolation. The gradient goes back along the same terms, dx[j] = Σ w·dy[i].
 */
import type { ActivationBuffer } from "./activationBuffer";
import type { Arena } from "./arena";
import { clearBuffer } from "./clearBuffer";
import type { LayerContext, NetworkLayer } from "./layer";

/**
 * Words per run: offsets of input and output in bytes, length in floats, weight (see
 * kernels/assembly/linearMapKernels.ts).
 */
const RUN_WORDS = 4;
const WEIGHT_INDEX = 3;
/** Offsets in bytes of the words that the kernel may read from and write to. */
const INPUT_WORD = 0;
const OUTPUT_WORD = 4;

/**
 * Gives each term y[target] += weight·x[source] to `add`, channel by channel; elements of a sample are counted in
 * PyTorch's order.
 */
export type Terms = (add: (target: number, source: number, weight: number) => void) => void;

/** The terms between two buffers, neighbours in memory joined into runs. */
function runsOf(terms: Terms, x: ActivationBuffer, y: ActivationBuffer): number[] {
  const words: number[] = [];
  terms((target, source, weight) => {
    const from = byteOffset(x, source);
    const to = byteOffset(y, target);
    const last = words.length - RUN_WORDS;
    const bytes = (words[last + 2] ?? 0) * 4;
    if (last >= 0 && words[last + 3] === weight && words[last] === from - bytes && words[last + 1] === to - bytes)
      words[last + 2] = bytes / 4 + 1;
    else words.push(from, to, 1, weight);
  });
  return words;
}

function byteOffset({ height, width, row, position }: ActivationBuffer, element: number): number {
  const column = element % width;
  const line = Math.floor(element / width) % height;
  const channel = Math.floor(element / (width * height));
  return line * row + column * position + channel * 4;
}

/**
 * Elements of a sample as they are in memory, the channels of a position side by side: their numbers in PyTorch's
 * order.
 */
export function* elementsInMemory({ channels, height, width }: ActivationBuffer): Generator<number> {
  for (let position = 0; position < height * width; position++) {
    for (let channel = 0; channel < channels; channel++) yield channel * height * width + position;
  }
}

/** Runs in the arena, whose memory is there only after all layers were made. */
class RunTable {
  readonly address: number;
  readonly runs: number;

  /** `words` is given up once it is written. */
  constructor(
    private readonly arena: Arena,
    private words: readonly number[],
  ) {
    this.address = arena.allocate(words.length * 4);
    this.runs = words.length / RUN_WORDS;
  }

  write(): void {
    const { words } = this;
    if (words.length === 0) return;
    const integers = this.arena.integers(this.address, words.length);
    const floats = this.arena.floats(this.address, words.length);
    words.forEach((word, index) => {
      if (index % RUN_WORDS === WEIGHT_INDEX) floats[index] = word;
      else integers[index] = word;
    });
    this.words = [];
  }
}

/** `isSum` where an element of the output has several terms. */
export function createLinearMap(terms: Terms, isSum: boolean, context: LayerContext): NetworkLayer {
  const { name, arena, input: x, output: y, inputGradient: dx, outputGradient: dy } = context;
  const { kernels } = arena;
  const forward = new RunTable(arena, runsOf(terms, x, y));
  // Gradients have other halos, so their elements are elsewhere.
  const backward = dx && dy ? new RunTable(arena, runsOf(terms, dx, dy)) : null;
  return {
    name,
    forward: (_mode, count) => {
      forward.write();
      if (isSum) clearBuffer(arena, y, count);
      kernels.mapRuns({
        images: count,
        runs: forward.runs,
        table: forward.address,
        from: INPUT_WORD,
        to: OUTPUT_WORD,
        adds: Number(isSum),
        x: x.base,
        xImage: x.image,
        y: y.base,
        yImage: y.image,
      });
    },
    backward: (count) => {
      if (!dy || !dx || !backward) return;
      backward.write();
      clearBuffer(arena, dx, count);
      kernels.mapRuns({
        images: count,
        runs: backward.runs,
        table: backward.address,
        from: OUTPUT_WORD,
        to: INPUT_WORD,
        adds: 1,
        x: dy.base,
        xImage: dy.image,
        y: dx.base,
        yImage: dx.image,
      });
    },
  };
}
