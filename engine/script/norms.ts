/** What a module is made of: its parts, whether batch normalization or dropout is active in it. */
import { foreignBases } from "./tracedClasses";
import { optionsOf, type ObjectValue, type TracedValue } from "./tracedValues";
import { libraryModel } from "./families";

const NORM_TYPE = /^torch\.nn\.((Lazy)?BatchNorm[123]d|SyncBatchNorm|_BatchNorm)$/;
/** BN of other libraries, and a project's copy of one under its name. */
const OTHER_NORM_TYPE = new RegExp(
  "(^|\\.)(InPlaceABN(Sync)?|SynchronizedBatchNorm[123]d|Minkowski(Sync)?BatchNorm|NaiveSyncBatchNorm)$|" +
    "^(apex\\.parallel|encoding\\.nn|torchsparse\\.nn)\\.(\\w+\\.)*(Sync)?BatchNorm([123]d)?$",
);
const DROPOUT_TYPE = /^torch\.nn\.(Alpha|Feature)?Dropout/;

/** The modules a module contains directly. */
export function childrenOf(module: ObjectValue): ObjectValue[] {
  const found: ObjectValue[] = [];
  const collect = (value: TracedValue, depth: number): void => {
    for (const option of optionsOf(value)) {
      if (option.kind === "part" && option.what === "modules") found.push(option.of);
      if (option.kind !== "object") continue;
      if (option.isModule) found.push(option);
      else if (depth > 0 && isContainer(option)) for (const inner of option.fields.values()) collect(inner, depth - 1);
    }
  };
  for (const value of module.fields.values()) collect(value, 3);
  return found;
}

const isContainer = ({ type }: ObjectValue): boolean => type === "list" || type === "tuple" || type === "dict";

/** A module and everything below it, each once. */
export function withDescendants(module: ObjectValue): Set<ObjectValue> {
  const seen = new Set<ObjectValue>([module]);
  for (const current of seen) for (const child of childrenOf(current)) seen.add(child);
  return seen;
}

/** Certainly has a BN layer with running statistics, on every way the script can take. */
export function hasNorm(module: ObjectValue): boolean {
  return certainly(module, isNorm, new Set());
}

/** Certainly has one with γ and β that is in none of the given parts. */
export function hasScaledNorm(module: ObjectValue, without: readonly ObjectValue[]): boolean {
  return certainly(module, isScaledNorm, new Set(without.flatMap((part) => [...withDescendants(part)])));
}

/** Certainly behaves differently in train and in eval mode. */
export function dependsOnMode(module: ObjectValue): boolean {
  return certainly(module, (part) => isNorm(part) || isDropout(part), new Set());
}

function certainly(module: ObjectValue, test: (part: ObjectValue) => boolean, seen: Set<ObjectValue>): boolean {
  if (seen.has(module)) return false;
  seen.add(module);
  if (test(module)) return true;
  return [...module.fields.values()].some((value) => holds(value, test, seen, 3));
}

/** Alternatives all have to hold it; elements of a list need only one that does. */
function holds(
  value: TracedValue,
  test: (part: ObjectValue) => boolean,
  seen: Set<ObjectValue>,
  depth: number,
): boolean {
  if (value.kind === "union") return value.options.every((option) => holds(option, test, new Set(seen), depth));
  if (value.kind === "part") return value.what === "modules" && certainly(value.of, test, seen);
  if (value.kind !== "object") return false;
  if (value.isModule) return certainly(value, test, seen);
  return (
    depth > 0 && isContainer(value) && [...value.fields.values()].some((inner) => holds(inner, test, seen, depth - 1))
  );
}

export const isOtherNormType = (path: string): boolean => OTHER_NORM_TYPE.test(path);

const isNormType = (path: string): boolean => NORM_TYPE.test(path) || isOtherNormType(path);

export function isNorm(module: ObjectValue): boolean {
  if (isNormType(module.type)) return tracksStatistics(module);
  if (module.cls !== null) return foreignBases(module.cls).some(isNormType);
  if (module.facts.isNormTrunk !== undefined) return module.facts.isNormTrunk;
  return libraryModel(module.type, modelName(module))?.hasNorm === true && !normIsReplaced(module);
}

/** `affine=False` leaves out γ and β. */
export function isScaledNorm(module: ObjectValue): boolean {
  if (!isNormType(module.type)) return isNorm(module);
  const affine = module.args.keyword.get("affine") ?? module.args.positional[3];
  return isNorm(module) && (affine === undefined || (affine.kind === "constant" && affine.value !== false));
}

function isDropout(module: ObjectValue): boolean {
  return (
    DROPOUT_TYPE.test(module.type) ||
    (module.cls === null && libraryModel(module.type, modelName(module))?.hasDropout === true)
  );
}

/** Without running statistics both modes are the same. */
function tracksStatistics({ args }: ObjectValue): boolean {
  const tracks = args.keyword.get("track_running_stats") ?? args.positional[4];
  return tracks === undefined || (tracks.kind === "constant" && tracks.value !== false);
}

/** `resnet50(norm_layer=FrozenBatchNorm2d)`: another normalization, or an unknown one. */
function normIsReplaced({ args }: ObjectValue): boolean {
  for (const [name, value] of args.keyword) {
    if (/^(use_)?(batch_?norm|bn)$/.test(name) && !(value.kind === "constant" && value.value === true)) return true;
    if (!/^norm(_layer|_type|alization)?$|^decoder_use_batchnorm$|^decoder_use_norm$/.test(name)) continue;
    const isBatch = value.kind === "external" && isNormType(value.path);
    const isDefault = value.kind === "constant" && value.value === null;
    if (!isBatch && !isDefault) return true;
  }
  return false;
}

/** `timm.create_model("resnet18")`, `torch.hub.load(repo, "resnet50")`. */
export function modelName({ type, args }: ObjectValue): string | null {
  const value =
    type === "torch.hub.load"
      ? (args.keyword.get("model") ?? args.positional[1])
      : (args.keyword.get("model_name") ?? args.positional[0]);
  return value === undefined ? null : textOf(value);
}

/** A string, or the default of an option. */
export function textOf(value: TracedValue): string | null {
  if (value.kind === "constant") return typeof value.value === "string" ? value.value : null;
  return value.kind === "unknown" && typeof value.hint === "string" ? value.hint : null;
}
