/** torch.nn.init: functions that fill a tensor and give it back, under their names of today and of before 0.4. */
import type { LibraryFunction } from "../interpreter/machine";
import { forgetNumbers } from "../interpreter/numericContent";
import { unknown } from "../interpreter/newValues";

const NAMES = (
  "uniform normal constant ones zeros eye dirac xavier_uniform xavier_normal kaiming_uniform kaiming_normal " +
  "trunc_normal orthogonal sparse"
).split(" ");

const fill: LibraryFunction = ({ args, range }) => {
  const tensor = args.positional[0] ?? args.keywords.get("tensor") ?? unknown("no tensor is given to fill", range);
  forgetNumbers(tensor);
  return tensor.kind === "unknown" ? { ...tensor, isPlain: true } : tensor;
};

export const initializers: ReadonlyMap<string, LibraryFunction> = new Map(
  NAMES.flatMap((name) => [`torch.nn.init.${name}`, `torch.nn.init.${name}_`]).map((path) => [path, fill]),
);
