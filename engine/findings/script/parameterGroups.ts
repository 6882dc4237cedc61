/** What an optimizer is given, group by group, and whether weight decay reaches the BN layers of a network. */
import { nodesIn } from "../../python/walk";
import { isManaged } from "./scriptContext";
import { normNames } from "../../script/normNames";
import { hasScaledNorm } from "../../script/norms";
import { ABSENT, optionsOf, type ObjectValue, type PartValue, type TracedValue } from "../../script/tracedValues";

export interface DecayedNorm {
  readonly module: ObjectValue;
  readonly decay: number;
  /** Its parameters are all that this group has. */
  readonly isWhole: boolean;
  /** Where its parameters are chosen by their names: a γ that is among them, and whether others are left out. */
  readonly chosen: { readonly kept: string; readonly leavesNorms: boolean } | null;
}

/** null unless weight decay certainly reaches γ and β of a BN layer; `standard` is the decay of other groups. */
export function decayedNorm(parameters: TracedValue, standard: TracedValue | number | null): DecayedNorm | null {
  const present = optionsOf(parameters).filter((option) => option !== ABSENT);
  // What a checkpoint gives back is the network that was saved.
  const known = present.filter(({ kind }) => kind !== "unknown");
  const options = known.length > 0 ? known : present;
  const found = options.map((option) => decayedIn(option, standard));
  return found.includes(null) ? null : (found[0] ?? null);
}

/** The network whose γ and β an optimizer with these parameters certainly steps. */
export function steppedNorm(parameters: TracedValue): ObjectValue | null {
  const found = decayedNorm(parameters, 1);
  return found?.chosen === null ? found.module : null;
}

function decayedIn(option: TracedValue, standard: TracedValue | number | null): DecayedNorm | null {
  if (option.kind === "part") return decayedPart(sortedOut(option), numberIn(standard));
  if (option.kind !== "object") return null;
  if (option.type === "dict") return decayedGroup(option, standard);
  if (option.type !== "list" && option.type !== "tuple") return null;
  for (const element of option.fields.values()) {
    const found = decayedNorm(element, standard);
    if (found !== null) return found;
  }
  return null;
}

/** A list that a loop fills with those of the parameters that meet conditions on their names. */
function sortedOut(part: PartValue): PartValue {
  const { picked = "unknown", named = [], isGroup } = part;
  return isGroup || picked === "unknown" ? part : { ...part, isGroup: true, named: [...named, ...picked] };
}

/** `{"params": …, "weight_decay": …}` */
function decayedGroup(group: ObjectValue, standard: TracedValue | number | null): DecayedNorm | null {
  const parameters = group.fields.get("params");
  if (parameters === undefined) return null;
  const decay = group.fields.get("weight_decay") ?? standard;
  const single = singleParameter(parameters);
  const found =
    single !== null && sortsNoNorm(group)
      ? decayedPart({ ...single, isGroup: true }, numberIn(decay))
      : decayedNorm(parameters, decay);
  return found === null ? null : { ...found, isWhole: false };
}

function decayedPart(part: PartValue, decay: number | null): DecayedNorm | null {
  const { of, what, isGroup, isNorm, without = [], named = [] } = part;
  if (decay === null || decay <= 0 || what !== "parameters" || !isGroup || isNorm !== null || isManaged(of))
    return null;
  if (named.length === 0)
    return hasScaledNorm(of, without) ? { module: of, decay, isWhole: without.length === 0, chosen: null } : null;
  const isChosen = (name: string): boolean => named.every((test) => test(name));
  const kept = without.length === 0 ? keptName(of, isChosen) : undefined;
  const leavesNorms = !USUAL_NAMES.every(isChosen);
  return kept === undefined ? null : { module: of, decay, isWhole: false, chosen: { kept, leavesNorms } };
}

/** A γ that is chosen; of a network of a library, the usual names of one where all of them are. */
function keptName(module: ObjectValue, isChosen: (name: string) => boolean): string | undefined {
  const names = normNames(module);
  if (names !== null) return names.find(isChosen);
  const isCertain = hasScaledNorm(module, []) && [...USUAL_NAMES, ...LIBRARY_NAMES].every(isChosen);
  return isCertain ? USUAL_NAMES[0] : undefined;
}

/** How else libraries and projects name their BN layers. */
const LIBRARY_NAMES = ["features.0.1.weight", "layer2.0.downsample.1.weight", "blocks.1.conv.bn.weight", "bn1.weight"];

/** Who leaves out one of these means normalizations. */
const USUAL_NAMES = ["layer1.bn1.weight", "layer1.batchnorm.weight", "layer1.norm.weight", "layer1.LayerNorm.weight"];

/** `[p]` in a loop over the parameters of a network. */
function singleParameter(value: TracedValue): PartValue | null {
  const [only, ...others] = value.kind === "object" && value.type === "list" ? [...value.fields.values()] : [value];
  return only?.kind === "part" && others.length === 0 && !only.isGroup && only.isNorm === null ? only : null;
}

/** What a loop asks about parameters that it may tell those of BN layers by. */
const TELLS_NORM = /bn|norm|ndim|\.shape|\.size\(|\bdim\(|\blen\(|isinstance|\bskip|no_(wd|decay)/i;

/** A group for each parameter, made in a loop that does not tell BN layers from others. */
function sortsNoNorm({ site }: ObjectValue): boolean {
  const loops = nodesIn(site.file.module.body).filter(
    (statement) => statement.kind === "for" && statement.from <= site.from && site.to <= statement.to,
  );
  const loop = loops.at(-1);
  return loop !== undefined && !TELLS_NORM.test(site.file.text.slice(loop.from, loop.to));
}

/** A number, the default of an option, or the larger one where a loop chooses between two. */
function numberIn(value: TracedValue | number | null): number | null {
  if (value === null || typeof value === "number") return value;
  const numbers = optionsOf(value).map((option) =>
    option.kind === "constant" ? option.value : option.kind === "unknown" ? option.hint : null,
  );
  const known = numbers.filter((number) => typeof number === "number");
  return known.length === numbers.length && known.length > 0 ? Math.max(...known) : null;
}
