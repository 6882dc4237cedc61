/** What is known of a tensor's rows after a method, an index or a call that makes it. */
import { numberOf } from "./dataSize";
import { type Args, type TracedTensor, type TracedValue } from "./tracedValues";

type Facts = Pick<TracedTensor, "rows" | "isSorted">;
type AllFacts = Pick<TracedTensor, "rows" | "isSorted" | "pieces">;

const SORTING = /^(repeat_interleave|argsort)$/;
const SAME_PLACES = new RegExp(
  "^(to|cuda|cpu|float|double|half|bfloat16|long|int|bool|type|contiguous|detach|clone|requires_grad_|astype|" +
    "numpy|pin_memory|clamp|clip|exp|log|sin|cos|abs|sqrt|square|cumsum|copy)$",
);
/** Methods of a value that may be a tensor: what it is called says as much as before. */
export const KEEPS_TENSOR = /^(to|cuda|cpu|float|double|half|long|contiguous|detach|clone|unsqueeze|view|reshape)$/;

export function factsAfter({ rows, isSorted }: Facts, name: string, args: Args): AllFacts {
  return {
    rows: rowsAfter(rows, name, args),
    isSorted: isSorted || SORTING.test(name),
    pieces: piecesOf(rows, name, args),
  };
}

/** `torch.randperm(n).split(64)`: the batches of an epoch. */
function piecesOf(rows: number | null, name: string, { positional: [first] }: Args): number | null {
  const size = numberOf(first);
  if (rows === null || size === null || size < 1) return null;
  return name === "split" ? Math.ceil(rows / size) : name === "chunk" ? Math.min(size, rows) : null;
}

export function rowsAfter(rows: number | null, name: string, { positional: [first] }: Args): number | null {
  if (SAME_PLACES.test(name)) return rows;
  if (name === "unsqueeze") return first?.kind === "constant" && first.value === 0 ? 1 : rows;
  return null;
}

/** `x[None]` has one row; `x[labels]` has as many as the labels, in their order. */
export function factsPicked(index: TracedValue): Facts {
  if (index.kind === "tensor") return { rows: index.rows, isSorted: index.isSorted };
  return { rows: index.kind === "constant" && index.value === null ? 1 : null, isSorted: false };
}

/** Of `a + b`: as many as the longer one has, since the other is stretched to it. */
export function rowsOfBoth(left: TracedValue, right: TracedValue): number | null {
  const known = [left, right].flatMap((value) => (value.kind === "tensor" && value.rows !== null ? [value.rows] : []));
  return known.length === 0 ? null : Math.max(...known);
}
