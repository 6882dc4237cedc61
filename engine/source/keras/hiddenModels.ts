/**
 * Models of keras.applications that have no description here, and models from files. Such a model is one step of
 * unknown size from its input to its output, so what a file builds on it stays in the graph.
 */
import type { CallArguments, LibraryFunction } from "../interpreter/machine";
import { library, unknown } from "../interpreter/newValues";
import type { OpenShape } from "../interpreter/values";
import { markHidden } from "./hiddenLayers";
import { openSizes } from "./models";
import { isSymbolic, newInput } from "./recordCall";
import { unfollowedTensor } from "./unfollowed";

const LOADED = /^keras\.(?:models|saving|engine\.saving)\.(?:load_model|model_from_(?:json|yaml|config))$/;
const APPLICATION = /^keras\.applications\.(?:[a-z]\w*\.)?([A-Z]\w+)$/;

export const isHiddenModel = (path: string): boolean => APPLICATION.test(path) || LOADED.test(path);

export const hiddenModel: LibraryFunction = ({ machine, args, path, range }) => {
  const reason = unknown(`NormLens does not follow ${path}`, range);
  const given = args.keywords.get("input_tensor");
  const input = isSymbolic(given) ? given : newInput(machine, openSizes(args.keywords.get("input_shape")), null, range);
  const name = path.split(".").at(-1) ?? path;
  const sizes = LOADED.test(path) ? null : sizesOf(args);
  const output = unfollowedTensor(machine, name, [input], reason, range, sizes);
  const model = machine.call(
    library("keras.Model"),
    { positional: [input, output], keywords: new Map(), taint: args.taint },
    range,
  );
  markHidden(machine, output.keras.call.layer, reason);
  if (model.kind === "instance") markHidden(machine, model, reason);
  return model;
};

/** Classes with a top; else a map of features, or one vector of them where they are pooled. Null where that is open. */
function sizesOf({ positional, keywords }: CallArguments): OpenShape | null {
  const top = keywords.get("include_top") ?? positional[0];
  if (top === undefined || (top.kind === "bool" && top.value)) {
    const classes = keywords.get("classes");
    return [classes === undefined ? IMAGENET_CLASSES : classes.kind === "int" ? classes.value : null];
  }
  if (top.kind !== "bool") return null;
  const pooling = keywords.get("pooling");
  if (pooling === undefined || pooling.kind === "none") return [null, null, null];
  return pooling.kind === "string" ? [null] : null;
}

const IMAGENET_CLASSES = 1000;
