/** Methods of layers and parameters that are seen one by one. */
import type { Tracing } from "./tracing";
import { setGrad, setPartMode } from "./modes";
import { applyToParts } from "./moduleMethods";
import { precisionSaid, setPrecision } from "./precision";
import { heldCopy, transfer } from "./weights";
import { constant, type Args, type PartValue, type Site, type TracedValue } from "./tracedValues";

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
    case "clone":
    case "numpy":
      return heldCopy(tracing, part, site);
    case "float":
    case "half":
    case "bfloat16":
    case "to":
      if (part.what === "modules" && part.isNorm !== false)
        setPrecision(tracing, part.of, precisionSaid(name, args), site);
      return part;
    case "detach":
    case "cpu":
      return part;
    default:
      return tracing.fresh([], [part, ...args.positional]);
  }
}

const HEAD = /fc|head|classif|last|linear|logit|output/i;
const NEGATIVE = /\bnot\b|!=(?!\s*-1)|==\s*-1|<\s*0|(==|\bis)\s*False/;

/** `requires_grad = False` where a name decides which parameters it meets: only the head may stay out of it. */
export function setGradOfPart(tracing: Tracing, part: PartValue, flag: TracedValue, site: Site): void {
  const test = tracing.tests.at(-1);
  const text = test?.sorts === true ? test.file.text.slice(test.test.from, test.test.to) : "";
  const isOfNames = text !== "" && /name|part|\bn\b|\bk\b|\bi\b|idx|key/i.test(text);
  const isAllButHead = HEAD.test(text) && NEGATIVE.test(text);
  const isPartial = (isOfNames && !isAllButHead) || part.named !== undefined;
  if (flag.kind === "constant") setGrad(tracing, part.of, flag.value === true, site, isPartial);
  else setGrad(tracing, part.of, true, site, true);
}
