/**
 * Names of Keras in a file that does not import them: a cell of a notebook whose first cells are elsewhere, a file that
 * another one runs, `from utils import *` of a file that is not there. A file that calls `BatchNormalization` means
 * Keras's, and so do the other names of Keras that nothing in it binds.
 */
import { unboundNames } from "../../python/boundNames";
import type { SourceFile } from "../../python/parse";
import { attributesIn, dottedName } from "../../python/walk";
import { layerConstructors } from "./kerasLayerTable";
import { MERGES } from "./kerasLibrary";
import { kerasPath } from "./paths";

/** Names that people give modules and classes which are no layers. */
const USUAL: Readonly<Record<string, string>> = {
  tf: "tensorflow",
  tensorflow: "tensorflow",
  keras: "keras",
  layers: "keras.layers",
  models: "keras.models",
  K: "keras.backend",
  backend: "keras.backend",
  applications: "keras.applications",
  Model: "keras.Model",
  Sequential: "keras.Sequential",
  Input: "keras.Input",
};

const NORM = "BatchNormalization";

const found = new WeakMap<SourceFile, ReadonlyMap<string, string>>();

/** Names that nothing in the file binds → what they are in Keras, by its full path. */
export function missingImports(file: SourceFile): ReadonlyMap<string, string> {
  const known = found.get(file) ?? findMissing(file);
  found.set(file, known);
  return known;
}

function findMissing(file: SourceFile): Map<string, string> {
  if (!file.text.includes(`${NORM}(`)) return new Map();
  const unbound = unboundNames(file);
  const roots = attributesIn(file.module.body).flatMap(({ name, object }) =>
    name === NORM ? (dottedName(object) ?? []) : [],
  );
  const isMeant = unbound.has(NORM) || roots.some((root) => unbound.has(root.split(".")[0] ?? root));
  if (!isMeant) return new Map();
  return new Map(
    [...unbound].flatMap((name) => {
      const path = roots.includes(name) && !(name in USUAL) ? "keras.layers" : pathOf(name);
      return path === null ? [] : [[name, path] as const];
    }),
  );
}

function pathOf(name: string): string | null {
  if (Object.hasOwn(USUAL, name)) return USUAL[name] ?? null;
  const path = kerasPath(`keras.layers.${name}`);
  return layerConstructors.has(path) || Object.hasOwn(MERGES, name) ? path : null;
}
