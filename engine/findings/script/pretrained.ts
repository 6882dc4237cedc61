import { textOf } from "../../script/norms";
import type { ObjectValue, TracedValue } from "../../script/tracedValues";

/** A library's network that comes with trained weights. */
export function isPretrained({ type, args, cls }: ObjectValue): boolean {
  if (cls !== null) return false;
  for (const [name, value] of args.keyword) {
    if (/^(pretrained|weights|encoder_weights|backbone_weights)$/.test(name) && isGiven(value)) return true;
  }
  if (type.startsWith("segmentation_models_pytorch.")) return !args.keyword.has("encoder_weights");
  if (type.endsWith("EfficientNet") && args.positional[0] !== undefined && textOf(args.positional[0]) !== null)
    return true;
  const [first] = args.positional;
  return type.startsWith("torchvision.models.") && first?.kind === "constant" && first.value === true;
}

function isGiven(value: TracedValue): boolean {
  if (value.kind === "constant") return value.value !== false && value.value !== null;
  if (value.kind === "unknown") return value.hint !== false && value.hint !== null && value.hint !== undefined;
  return value.kind === "external";
}
