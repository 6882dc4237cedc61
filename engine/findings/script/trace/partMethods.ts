/** Methods of layers and parameters that are seen one by one. */
import type { Machine } from "./machine";
import { setGrad, setPartMode } from "./modes";
import { applyToParts } from "./moduleMethods";
import { constant, optionsOf, type Args, type PartValue, type Site, type Value } from "./values";

export function ofPart(machine: Machine, part: PartValue, name: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  switch (name) {
    case "eval":
      setPartMode(machine, part, "eval", site);
      return part;
    case "train": {
      const flag = first ?? args.keyword.get("mode");
      setPartMode(
        machine,
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
        setGradOfPart(machine, part, first ?? args.keyword.get("requires_grad") ?? constant(true), site);
      return part;
    case "parameters":
    case "buffers":
      return { ...part, what: name, isGroup: true };
    case "named_parameters":
      return machine.object("named", { ...args, positional: [{ ...part, what: "parameters", isGroup: true }] }, site);
    case "modules":
    case "children":
      return { ...part, isGroup: true };
    case "apply":
      if (part.isNorm === null) applyToParts(machine, part.of, first, site);
      return part;
    case "copy_":
    case "mul_":
    case "add_":
    case "lerp_":
    case "__setitem__":
      transfer(machine, part, args, site);
      return part;
    case "items":
      return machine.object("named", { ...args, positional: [{ ...part, isGroup: true }] }, site);
    case "values":
      return { ...part, isGroup: true };
    case "detach":
    case "clone":
    case "cpu":
    case "to":
    case "float":
      return part;
    default:
      return machine.fresh([], [part, ...args.positional]);
  }
}

/** One network's parameters or buffers written from another's. */
export function transfer(machine: Machine, part: PartValue, args: Args, site: Site): void {
  const sources = args.positional.flatMap((value) => partsInside(value)).filter((source) => source.of !== part.of);
  const what = part.what === "buffers" ? "buffers" : part.what === "state" ? "state" : "parameters";
  for (const source of sources)
    machine.trace.transfers.push({ to: part.of, from: source.of, what, place: machine.place(site) });
}

function partsInside(value: Value, depth = 4): PartValue[] {
  if (value.kind === "part") return [value];
  if (depth === 0) return [];
  return value.kind === "unknown"
    ? value.inputs.flatMap((input) => partsInside(input, depth - 1))
    : optionsOf(value).flatMap((option) => (option === value ? [] : partsInside(option, depth - 1)));
}

/** `requires_grad = False` where a name decides which parameters it meets: only the head may stay out of it. */
export function setGradOfPart(machine: Machine, part: PartValue, flag: Value, site: Site): void {
  const test = machine.tests.at(-1);
  const text = test?.sorts === true ? test.file.text.slice(test.test.from, test.test.to) : "";
  const isPartial =
    text !== "" &&
    /name|part|\bn\b|\bk\b|\bi\b|idx|key/i.test(text) &&
    !/fc|head|classif|last|linear|logit|output/i.test(text);
  if (flag.kind === "constant") setGrad(machine, part.of, flag.value === true, site, isPartial);
  else setGrad(machine, part.of, true, site, true);
}
