/** keras.io, "Merging layers" and "Attention layers". */
import type { OpenShape } from "../../interpreter/values";
import { plus, when } from "../../torch/layerArguments";
import { times, type KerasLayerSpec, type KerasLayerSpecs, type LayerCall } from "../kerasLayerSpec";
import { wholeNumbers } from "./kerasCore";
import { positions } from "./kerasNormalization";

/** Element-wise sizes of several inputs; the batch axis lines up, so fewer axes are taken from the last one on. */
export function broadcast({
  inputs,
  fail,
  className,
}: Pick<LayerCall, "inputs" | "fail" | "className">): OpenShape | null {
  const [first = null, ...others] = inputs;
  let result = first;
  for (const other of others) {
    if (result === null || other?.length !== result.length) return null;
    const sizes: (number | null)[] = [];
    for (const [axis, size] of result.entries()) {
      const next = other[axis] ?? null;
      if (size !== null && next !== null && size !== next && size !== 1 && next !== 1) {
        fail(`this ${className} can't combine ${result.join("×")} and ${other.join("×")} (Keras raises a ValueError)`);
        return null;
      }
      sizes.push(size === 1 ? next : next === 1 ? size : (size ?? next));
    }
    result = sizes;
  }
  return result;
}

const merge: KerasLayerSpec = { signature: "", build: (call) => ({ sizes: broadcast(call), parameters: 0 }) };

export function concatenated(
  { inputs, fail, className }: Pick<LayerCall, "inputs" | "fail" | "className">,
  axis: number | null,
): OpenShape | null {
  const [first = null] = inputs;
  const position = axis === null ? undefined : positions([axis], first)?.[0];
  if (first === null || position === undefined) return null;
  const sizes: (number | null)[] = [...first];
  for (const other of inputs.slice(1)) {
    if (other === null) return null;
    const fits: boolean =
      other.length === first.length &&
      other.every(
        (size, index) => index === position || size === null || sizes[index] === null || size === sizes[index],
      );
    if (!fits) {
      fail(
        `this ${className} can't join ${first.join("×")} and ${other.join("×")} along axis ${axis ?? ""} ` +
          "(Keras raises a ValueError)",
      );
      return null;
    }
    for (const [index, size] of other.entries()) {
      const known = sizes[index] ?? null;
      if (index === position) sizes[index] = known === null || size === null ? null : known + size;
      else sizes[index] = known ?? size;
    }
  }
  return sizes;
}

const concatenate: KerasLayerSpec = {
  signature: "axis=-1",
  build: (call) => ({ sizes: concatenated(call, call.args.number("axis")), parameters: 0 }),
};

const dot: KerasLayerSpec = {
  signature: "axes, normalize=False",
  build: ({ args, inputs }) => {
    const axes = wholeNumbers(args.value("axes"));
    const [first = null, second = null] = inputs;
    const left = positions(axes?.slice(0, 1) ?? null, first)?.[0];
    const right = positions(axes?.slice(-1) ?? null, second)?.[0];
    if (left === undefined || right === undefined || first === null || second === null)
      return { sizes: null, parameters: 0 };
    const rest = [...first.filter((_, axis) => axis !== left), ...second.filter((_, axis) => axis !== right)];
    return { sizes: rest.length === 0 ? [1] : rest, parameters: 0 };
  },
};

/** Query, key and value are projected to every head, the heads together to the output (Vaswani et al. 2017). */
const multiHeadAttention: KerasLayerSpec = {
  signature:
    "num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True, output_shape=None, " +
    "attention_axes=None, flash_attention=None",
  build: ({ args, inputs }) => {
    const [query = null, value = null, key = value] = inputs;
    const heads = args.size("num_heads");
    const keySize = args.size("key_dim");
    const valueSize = args.isNone("value_dim") ? keySize : args.size("value_dim");
    const bias = args.flag("use_bias");
    const out = args.isNone("output_shape") ? (query?.at(-1) ?? null) : args.size("output_shape");
    const projection = (from: number | null, to: number | null): number | null => plus(times(from, to), when(bias, to));
    const parameters = plus(
      projection(query?.at(-1) ?? null, times(heads, keySize)),
      projection(key?.at(-1) ?? null, times(heads, keySize)),
      projection(value?.at(-1) ?? null, times(heads, valueSize)),
      projection(times(heads, valueSize), out),
    );
    return { sizes: query === null ? null : [...query.slice(0, -1), out], parameters };
  },
};

const attention: KerasLayerSpec = {
  signature: "use_scale=False, score_mode='dot', dropout=0.0, seed=None",
  build: ({ args, inputs }) => {
    const [query = null, value = null] = inputs;
    const mode = args.text("score_mode");
    // A number that scales the scores, and one more for scores of sums.
    const parameters = mode === null ? null : plus(when(args.flag("use_scale"), 1), mode === "concat" ? 1 : 0);
    return {
      sizes: query === null || value === null ? null : [...query.slice(0, -1), value.at(-1) ?? null],
      parameters,
    };
  },
};

/** Bahdanau et al. 2014: a weight for each feature of the query. */
const additiveAttention: KerasLayerSpec = {
  signature: "use_scale=True, dropout=0.0, seed=None",
  build: ({ args, inputs }) => {
    const [query = null, value = null] = inputs;
    return {
      sizes: query === null || value === null ? null : [...query.slice(0, -1), value.at(-1) ?? null],
      parameters: when(args.flag("use_scale"), query?.at(-1) ?? null),
    };
  },
};

export const mergingLayers: KerasLayerSpecs = {
  Add: merge,
  Subtract: merge,
  Multiply: merge,
  Average: merge,
  Maximum: merge,
  Minimum: merge,
  Concatenate: concatenate,
  Dot: dot,
  MultiHeadAttention: multiHeadAttention,
  Attention: attention,
  AdditiveAttention: additiveAttention,
};
