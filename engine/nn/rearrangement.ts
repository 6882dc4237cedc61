/**
 * Rearrangements as index maps: which element of the input each element of the output is. Elements of a sample are
 * counted in PyTorch's order (the last axis innermost), so reshaping moves none of them; −1 stands for a zero of the
 * padding.
 */
import type { PaddingMode, Rearrangement } from "../protocol/layerOps";
import { elementCount, type Shape } from "../protocol/shape";

/** One rearrangement and the shapes it is between. */
export interface RearrangementStep {
  readonly rearrangement: Rearrangement;
  readonly input: Shape;
  readonly output: Shape;
}

/** The map of several rearrangements, one after the other. */
export function sourcesOf(steps: readonly RearrangementStep[]): Int32Array {
  const [first, ...others] = steps.map(sourcesOfStep);
  if (first === undefined) throw new Error("there is nothing to rearrange");
  return others.reduce((before, next) => next.map((source) => (source < 0 ? -1 : (before[source] ?? -1))), first);
}

function sourcesOfStep({ rearrangement, input, output }: RearrangementStep): Int32Array {
  const strides = stridesOf(input);
  switch (rearrangement.rule) {
    case "reshape":
    case "squeeze":
    case "unsqueeze":
      return Int32Array.from({ length: elementCount(output) }, (_, index) => index);
    case "channelShuffle":
    case "pixelShuffle":
    case "pixelUnshuffle":
      return sourcesOf(shuffleSteps(rearrangement, input, output));
    case "permute":
      return alongAxes(output, (axis, index) => index * (strides[(rearrangement.order[axis + 1] ?? 0) - 1] ?? 0));
    case "expand":
      return alongAxes(output, (axis, index) => (input[axis] === 1 ? 0 : index * (strides[axis] ?? 0)));
    case "chunk": {
      const changed = axisAfterBatch(rearrangement.axis, input);
      const start = rearrangement.index * Math.ceil((input[changed] ?? 0) / rearrangement.chunks);
      return alongAxes(output, (axis, index) => (index + (axis === changed ? start : 0)) * (strides[axis] ?? 0));
    }
    case "slice": {
      const cuts = new Map(rearrangement.cuts.map((cut) => [axisAfterBatch(cut.axis, input), cut]));
      return alongAxes(
        output,
        (axis, index) => ((cuts.get(axis)?.start ?? 0) + index * (cuts.get(axis)?.step ?? 1)) * (strides[axis] ?? 0),
      );
    }
    case "pad": {
      const { before, mode } = rearrangement;
      const first = input.length - before.length;
      return alongAxes(output, (axis, index) => {
        if (axis < first) return index * (strides[axis] ?? 0);
        const inner = insideOf(index - (before[axis - first] ?? 0), input[axis] ?? 0, mode);
        return inner < 0 ? -1 : inner * (strides[axis] ?? 0);
      });
    }
  }
}

/** A shuffle as PyTorch documents it: the axes that change places are taken out of channels and pixels first. */
function shuffleSteps(
  rearrangement: Extract<Rearrangement, { rule: "channelShuffle" | "pixelShuffle" | "pixelUnshuffle" }>,
  input: Shape,
  output: Shape,
): RearrangementStep[] {
  const [channels = 0, height = 0, width = 0] = input;
  const through = (split: Shape, order: readonly number[]): RearrangementStep[] => {
    const permuted = order.map((axis) => split[axis - 1] ?? 0);
    return [
      { rearrangement: { rule: "reshape", sizes: split }, input, output: split },
      { rearrangement: { rule: "permute", order: [0, ...order] }, input: split, output: permuted },
      { rearrangement: { rule: "reshape", sizes: output }, input: permuted, output },
    ];
  };
  if (rearrangement.rule === "channelShuffle")
    return through([rearrangement.groups, channels / rearrangement.groups, height, width], [2, 1, 3, 4]);
  const { rule, factor } = rearrangement;
  if (rule === "pixelShuffle") return through([channels / factor ** 2, factor, factor, height, width], [1, 4, 2, 5, 3]);
  return through([channels, height / factor, factor, width / factor, factor], [1, 3, 5, 2, 4]);
}

/** The place in a `Shape` of an axis that is counted with the batch. */
export function axisAfterBatch(axis: number, shape: Shape): number {
  return (axis < 0 ? axis + shape.length + 1 : axis) - 1;
}

/** The place on an axis that padding repeats; −1 beyond the edge of zero padding. */
function insideOf(index: number, size: number, mode: PaddingMode): number {
  if (index >= 0 && index < size) return index;
  if (mode === "zeros") return -1;
  if (mode === "circular") return (index + size) % size;
  if (mode === "replicate") return index < 0 ? 0 : size - 1;
  return index < 0 ? -index : 2 * (size - 1) - index;
}

function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}

/** A map whose source is a sum of one offset for each axis of the output; a negative offset makes it a zero. */
function alongAxes(output: Shape, offset: (axis: number, index: number) => number): Int32Array {
  let sources: number[] = [0];
  for (const [axis, size] of output.entries()) {
    const offsets = Array.from({ length: size }, (_, index) => offset(axis, index));
    sources = sources.flatMap((before) => offsets.map((own) => (before < 0 || own < 0 ? -1 : before + own)));
  }
  return Int32Array.from(sources);
}
