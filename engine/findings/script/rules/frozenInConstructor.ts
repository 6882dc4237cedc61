/**
 * A network that freezes a part of itself in its constructor and leaves it in eval mode there: whoever trains the
 * network calls train() on all of it, and the class has no train() of its own that would keep the part out.
 */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { grouped, isManaged, nameOf, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import { isPretrained } from "../pretrained";
import { gradOf } from "../../../script/modes";
import { childrenOf, hasNorm, withDescendants } from "../../../script/norms";
import { memberOf } from "../../../script/tracedClasses";
import type { ModeCall } from "../../../script/tracing";
import type { ObjectValue } from "../../../script/tracedValues";

/** Layers with parameters. */
const TRAINABLE = /^torch\.nn\.(Lazy)?(Linear|Bilinear|Conv|BatchNorm|LayerNorm|GroupNorm|Embedding|RNN|GRU|LSTM)/;
/** Networks that are asked about another one's output are not trained themselves. */
const ASKED = /loss|percept|criterion|metric|score|lpips|teacher|judge/i;

export function frozenInConstructor(context: ScriptContext): SourceFinding[] {
  const { file, trace } = context;
  const networks = trace.objects.filter(
    (object) => object.cls?.scope.file === file && isTrainedElsewhere(context, object),
  );
  const found = networks.flatMap((network) =>
    trace.modeCalls.filter((call) => isFrozenPart(context, network, call)).map((call) => ({ network, call })),
  );
  return grouped(found, ({ call }) => siteKey(call.place.site)).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first.network, first.call),
  );
}

/** A whole network without a train() of its own. One that the file trains itself is followed instead. */
function isTrainedElsewhere({ trace }: ScriptContext, network: ObjectValue): boolean {
  const { cls, isModule } = network;
  if (cls === null || !isModule || isManaged(network) || ASKED.test(cls.node.name)) return false;
  const isTrained = trace.forwards.some(({ module, training }) => training !== null && module.cls === cls);
  return !isTrained && memberOf(cls, "train") === null;
}

/** `self.body.eval()` in the network's own constructor, on a pretrained part with BN that gets no gradients. */
function isFrozenPart({ trace }: ScriptContext, network: ObjectValue, { module, mode, place }: ModeCall): boolean {
  const constructor = network.cls === null ? null : memberOf(network.cls, "__init__");
  const isThere = constructor?.kind === "function" && place.frames.at(-1)?.node === constructor.node;
  if (mode !== "eval" || !isThere || place.tests.length > 0 || !childrenOf(network).includes(module)) return false;
  const isFrozen = gradOf(module)?.isOn === false && hasNorm(module);
  const comesTrained = isPretrained(module) || trace.loaded.has(module);
  const isAskedInEval = trace.modeCalls.some((call) => call.module === module && call.place.site !== place.site);
  return isFrozen && comesTrained && !isAskedInEval && hasOther(network, module);
}

/** Something in the network is trained besides the frozen part. */
function hasOther(network: ObjectValue, frozen: ObjectValue): boolean {
  const apart = withDescendants(frozen);
  return [...withDescendants(network)].some(
    (part) => !apart.has(part) && TRAINABLE.test(part.type) && gradOf(part)?.isOn !== false,
  );
}

function describe(context: ScriptContext, network: ObjectValue, { module, place }: ModeCall): SourceFinding[] {
  const range = rangeAt(context, place);
  if (range === null) return [];
  const name = nameOf(module);
  const owner = network.type;
  return [
    findingOf({
      rule: "frozen-but-updating",
      layers: [],
      expression: range,
      verdict:
        `This eval() lasts until the first train() of ${owner}: then the frozen BN layers of ${name} ` + "train again.",
      evidence:
        `${owner} has no train() of its own, so model.train() also sets ${name} back to train mode. ` +
        "requires_grad applies to parameters: the BN layers then normalize with each batch and move their " +
        "running statistics.",
      next: `Make a train() in ${owner} that calls super().train(mode) and then eval() on ${name}.`,
    }),
  ];
}
