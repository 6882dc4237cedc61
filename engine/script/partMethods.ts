/** Methods of layers and parameters that are seen one by one. */
import type { Tracing } from "./tracing";
import { setGrad, setPartMode } from "./modes";
import { applyToParts } from "./moduleMethods";
import { constant, optionsOf, type Args, type PartValue, type Site, type TracedValue } from "./tracedValues";

export function ofPart(tracing: Tracing, part: PartValue, name: string, args: Args, site: Site): TracedValue {
  const [first] = args.positional;
  switch (name) {
    case "eval":
      setPartMode(tracing, part, "eval", site);
      return part;
    case "train": {
      const flag = first ?? args.keyword.get("mode");
      setPartMode(
        tracing,
        part,
        flag === undefined || (flag.kind === "constant" && flag.value === true)
          ? "train"
          : flag.kind === "constant"
            ? "eval"
            : "unknown",
        site,
      );
      return part;
    }
    case "requires_grad_":
      if (part.isNorm === null)
        setGradOfPart(tracing, part, first ?? args.keyword.get("requires_grad") ?? constant(true), site);
      return part;
    case "parameters":
    case "buffers":
      return { ...part, what: name, isGroup: true };
    case "named_parameters":
      return tracing.object("named", { ...args, positional: [{ ...part, what: "parameters", isGroup: true }] }, site);
    case "modules":
    case "children":
      return { ...part, isGroup: true };
    case "apply":
      if (part.isNorm === null) applyToParts(tracing, part.of, first, site);
      return part;
    case "copy_":
    case "mul_":
    case "add_":
    case "lerp_":
    case "__setitem__":
      transfer(tracing, part, args, site);
      return part;
    case "items":
      return tracing.object("named", { ...args, positional: [{ ...part, isGroup: true }] }, site);
    case "values":
      return { ...part, isGroup: true };
    case "detach":
    case "clone":
    case "cpu":
    case "to":
    case "float":
      return part;
    default:
      return tracing.fresh([], [part, ...args.positional]);
  }
}

/** One network's parameters or buffers written from another's. */
export function transfer(tracing: Tracing, part: PartValue, args: Args, site: Site): void {
  const sources = args.positional.flatMap((value) => partsInside(value)).filter((source) => source.of !== part.of);
  const what = part.what === "buffers" ? "buffers" : part.what === "state" ? "state" : "parameters";
  for (const source of sources)
    tracing.trace.transfers.push({ to: part.of, from: source.of, what, place: tracing.place(site) });
}

function partsInside(value: TracedValue, depth = 4): PartValue[] {
  if (value.kind === "part") return [value];
  if (depth === 0) return [];
  return value.kind === "unknown"
    ? value.inputs.flatMap((input) => partsInside(input, depth - 1))
    : optionsOf(value).flatMap((option) => (option === value ? [] : partsInside(option, depth - 1)));
}

/** `requires_grad = False` where a name decides which parameters it meets: only the head may stay out of it. */
export function setGradOfPart(tracing: Tracing, part: PartValue, flag: TracedValue, site: Site): void {
  const test = tracing.tests.at(-1);
  const text = test?.sorts === true ? test.file.text.slice(test.test.from, test.test.to) : "";
  const isPartial =
    text !== "" &&
    /name|part|\bn\b|\bk\b|\bi\b|idx|key/i.test(text) &&
    !/fc|head|classif|last|linear|logit|output/i.test(text);
  if (flag.kind === "constant") setGrad(tracing, part.of, flag.value === true, site, isPartial);
  else setGrad(tracing, part.of, true, site, true);
}
