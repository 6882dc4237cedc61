/** Keras 1's names, which Keras 2 took until version 2.3 (keras/legacy/interfaces.py): old files still have them. */
import type { CallArguments, LibraryFunction } from "../interpreter/machine";
import { none, string, tuple, unknown } from "../interpreter/newValues";
import type { UnknownValue, Value } from "../interpreter/values";
import type { SourceRange } from "../../protocol/modelGraph";

const WEIGHTS: Readonly<Record<string, string>> = {
  init: "kernel_initializer",
  W_regularizer: "kernel_regularizer",
  b_regularizer: "bias_regularizer",
  W_constraint: "kernel_constraint",
  b_constraint: "bias_constraint",
  bias: "use_bias",
};

const WINDOW: Readonly<Record<string, string>> = { border_mode: "padding", dim_ordering: "data_format" };

/** Keras 1's name of an argument → today's. Classes by the beginning of their name. */
const RENAMED: readonly (readonly [RegExp, Readonly<Record<string, string>>])[] = [
  [
    /^(Separable)?Conv\d/,
    {
      ...WEIGHTS,
      ...WINDOW,
      nb_filter: "filters",
      filter_length: "kernel_size",
      subsample: "strides",
      subsample_length: "strides",
      atrous_rate: "dilation_rate",
    },
  ],
  [/^Dense$/, { ...WEIGHTS, output_dim: "units" }],
  [/Pooling\d/, { ...WINDOW, pool_length: "pool_size", stride: "strides" }],
  [/^(UpSampling|ZeroPadding|Cropping)\d/, { dim_ordering: "data_format", length: "size" }],
  [/Dropout(\dD)?$/, { p: "rate", dim_ordering: "data_format" }],
  [/^GaussianNoise$/, { sigma: "stddev" }],
  [/^BatchNormalization$/, { beta_init: "beta_initializer", gamma_init: "gamma_initializer", mode: "mode" }],
];

/** What the sizes of a kernel were called, by its dimensions. */
const KERNEL: Readonly<Record<number, readonly string[]>> = {
  2: ["nb_row", "nb_col"],
  3: ["kernel_dim1", "kernel_dim2", "kernel_dim3"],
};

/** The arguments under today's names; a reason where Keras 1 meant something that there is no more. */
export function fromKeras1(className: string, args: CallArguments, range: SourceRange): CallArguments | UnknownValue {
  const names = RENAMED.find(([pattern]) => pattern.test(className))?.[1] ?? {};
  const kernel = KERNEL[Number(/^(?:Separable)?Conv([23])D/.exec(className)?.[1])] ?? [];
  // Today's fourth argument is the padding, which is no number.
  const hasDepth = kernel.length === 3 && args.positional[3]?.kind === "int";
  const isOld = hasDepth || [...args.keywords.keys()].some((name) => name in names || kernel.includes(name));
  if (!isOld) return args;
  const keywords = new Map<string, Value>();
  for (const [name, value] of args.keywords) {
    if (name === "mode") {
      if (value.kind !== "int" || value.value !== 0)
        return unknown("the mode of this BatchNormalization, as in Keras 1, is not feature-wise", range);
    } else keywords.set(names[name] ?? name, name === "dim_ordering" ? dataFormat(value) : value);
  }
  return kernel.length > 0 ? withKernel({ ...args, keywords }, kernel) : { ...args, keywords };
}

function dataFormat(ordering: Value): Value {
  if (ordering.kind !== "string") return ordering;
  if (ordering.value === "th") return string("channels_first");
  return ordering.value === "tf" ? string("channels_last") : none;
}

/** `Conv2D(64, 3, 5)`, `nb_row=3, nb_col=5` and `Conv3D(64, 3, 3, 3)`: the sizes of the kernel. */
function withKernel({ positional, keywords, ...rest }: CallArguments, names: readonly string[]): CallArguments {
  const [filters, ...given] = positional;
  const sizes = names.map((name, index) => given[index] ?? keywords.get(name)).filter((size) => size !== undefined);
  if (sizes.length < names.length) return { ...rest, positional, keywords };
  const others = [...keywords].filter(([name]) => !names.includes(name));
  return {
    ...rest,
    positional: filters === undefined ? [] : [filters],
    keywords: new Map([...others, ["kernel_size", tuple(sizes)]]),
  };
}

const MODES: Readonly<Record<string, string>> = {
  sum: "Add",
  mul: "Multiply",
  ave: "Average",
  max: "Maximum",
  concat: "Concatenate",
};

/** `merge([a, b], mode="concat", concat_axis=3)` of Keras 1. */
export const merge: LibraryFunction = ({ machine, args, range }) => {
  const named = (name: string, position: number): Value => args.keywords.get(name) ?? args.positional[position] ?? none;
  const mode = named("mode", 1);
  const className = mode.kind === "none" ? "Add" : mode.kind === "string" ? MODES[mode.value] : undefined;
  if (className === undefined) return machine.call(unknown("NormLens does not follow this merge", range), args, range);
  const axis = named("concat_axis", 2);
  const keywords = new Map<string, Value>([["name", args.keywords.get("name") ?? none]]);
  if (className === "Concatenate" && axis.kind !== "none") keywords.set("axis", axis);
  const layer = machine.call(
    { kind: "library", path: `keras.layers.${className}` },
    { positional: [], keywords, taint: args.taint },
    range,
  );
  return machine.call(layer, { positional: [named("inputs", 0)], keywords: new Map(), taint: null }, range);
};
