/** What the γ of BN layers are called among the parameters of a network (`named_parameters()`). */
import { isNorm, isScaledNorm } from "./norms";
import { optionsOf, type ObjectValue, type TracedValue } from "./tracedValues";

/** The BN layers of torchvision's ResNets, one for each way they are named. */
const OF_RESNET = ["bn1.weight", "layer1.0.bn1.weight", "layer2.0.downsample.1.weight"];
const RESNET = /^torchvision\.models\.(wide_)?res(net|next)\d+\w*$/;

/** null where a part of the network with BN, or its name, is not known. */
export function normNames(module: ObjectValue, prefix = "", depth = 12): string[] | null {
  if (depth === 0) return null;
  const own = isNorm(module) ? ofLayer(module, prefix) : [];
  const found = [own, ...[...module.fields].map(([key, value]) => ofMember(value, key, prefix, depth))];
  return found.includes(null) ? null : found.flatMap((names) => names ?? []);
}

function ofLayer(module: ObjectValue, prefix: string): string[] | null {
  if (RESNET.test(module.type)) return OF_RESNET.map((name) => prefix + name);
  const isOneLayer = module.cls !== null || module.type.startsWith("torch.nn.");
  if (!isOneLayer) return null;
  return isScaledNorm(module) ? [`${prefix}weight`] : [];
}

/** Lists and dicts of Python's own hold no parameters of the network. */
function ofMember(value: TracedValue, key: string, prefix: string, depth: number): string[] | null {
  const modules = optionsOf(value).filter((option) => option.kind === "object" && option.isModule);
  const names = modules.map((module) =>
    module.kind === "object" ? normNames(module, `${prefix}${key}.`, depth - 1) : null,
  );
  const [first = []] = names;
  const isKnown = names.every((one) => one !== null && one.join() === first?.join());
  if (!isKnown || first === null) return null;
  return first.length > 0 && key.startsWith("?") ? null : first;
}
