/**
 * Models of keras.applications that have no description here. Such a model is one step of unknown size from its input
 * to its output, so what a file builds on it stays in the graph.
 */
import type { LibraryFunction } from "../interpreter/machine";
import { library, unknown } from "../interpreter/newValues";
import { markHidden } from "./hiddenLayers";
import { openSizes } from "./models";
import { isSymbolic, newInput } from "./recordCall";
import { unfollowedTensor } from "./unfollowed";

export const HIDDEN_MODEL = /^keras\.applications\.(?:[a-z]\w*\.)?([A-Z]\w+)$/;

export const hiddenModel: LibraryFunction = ({ machine, args, path, range }) => {
  const reason = unknown(`NormLens does not follow ${path}`, range);
  const given = args.keywords.get("input_tensor");
  const input = isSymbolic(given) ? given : newInput(machine, openSizes(args.keywords.get("input_shape")), null, range);
  const output = unfollowedTensor(machine, path.split(".").at(-1) ?? path, [input], reason, range);
  const model = machine.call(
    library("keras.Model"),
    { positional: [input, output], keywords: new Map(), taint: args.taint },
    range,
  );
  markHidden(machine, output.keras.call.layer, reason);
  if (model.kind === "instance") markHidden(machine, model, reason);
  return model;
};
