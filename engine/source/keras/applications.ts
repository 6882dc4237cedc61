/** Helpers that the models of keras.applications are written with (keras/src/applications/imagenet_utils.py). */
import type { LibraryFunction } from "../interpreter/machine";
import { int, none, tuple, unknown } from "../interpreter/newValues";
import type { Value } from "../interpreter/values";
import { settled } from "../interpreter/openValues";
import { imageDataFormat } from "./kerasState";
import { isSymbolic } from "./recordCall";
import { wholeNumbers } from "./layers/kerasCore";

/** obtain_input_shape: what was given, or the size the weights were trained with where a Dense needs one. */
const obtainInputShape: LibraryFunction = ({ machine, args, range }) => {
  const named = (name: string, position: number): Value => args.keywords.get(name) ?? args.positional[position] ?? none;
  const given = named("input_shape", 0);
  const size = settled(named("default_size", 1));
  const flattens = settled(
    args.keywords.get("require_flatten") ?? args.keywords.get("include_top") ?? args.positional[4] ?? none,
  );
  const format = imageDataFormat(machine);
  if (given.kind === "tuple" || given.kind === "list" || given.kind === "unknown") return given;
  if (flattens.kind !== "bool" || size.kind !== "int" || format.kind !== "string")
    return unknown("the input shape of this keras.applications model is unknown", range);
  const pixels = flattens.value ? size : none;
  const channels: Value = { kind: "int", value: 3 };
  return tuple(format.value === "channels_first" ? [channels, pixels, pixels] : [pixels, pixels, channels]);
};

/** correct_pad: one row less before than after for an even size, so that a stride of 2 keeps the centre. */
const correctPad: LibraryFunction = ({ machine, args, range }) => {
  const [tensor, kernel = args.keywords.get("kernel_size") ?? none] = args.positional;
  const given = wholeNumbers(kernel);
  const format = imageDataFormat(machine);
  const sizes = isSymbolic(tensor) ? tensor.keras.sizes : null;
  if (given === null || sizes === null || format.kind !== "string") return unknown("this padding is unknown", range);
  const from = format.value === "channels_first" ? 1 : 0;
  const isOpen = (sizes[from] ?? null) === null;
  const pairs = [0, 1].map((axis) => {
    const half = Math.floor((given[axis] ?? given[0] ?? 1) / 2);
    const adjust = isOpen ? 1 : 1 - ((sizes[from + axis] ?? 0) % 2);
    return tuple([int(half - adjust), int(half)]);
  });
  return tuple(pairs);
};

const PREFIX = "keras.applications.imagenet_utils.";

export const imagenetFunctions: readonly (readonly [string, LibraryFunction])[] = [
  [`${PREFIX}obtain_input_shape`, obtainInputShape],
  [`${PREFIX}_obtain_input_shape`, obtainInputShape],
  [`${PREFIX}correct_pad`, correctPad],
  [`${PREFIX}validate_activation`, () => none],
];
