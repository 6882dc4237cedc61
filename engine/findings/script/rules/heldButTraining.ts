/**
 * A function that is to freeze BN layers and only calls eval() on them: the running statistics are held, and the
 * optimizer goes on with γ and β.
 */
import type { SourceFile } from "../../../python/parse";
import { withDescendants } from "../../../script/norms";
import type { Forward, ObjectValue } from "../../../script/tracedValues";
import type { ModeCall, TracedCall } from "../../../script/tracing";
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { steppedNorm } from "../parameterGroups";
import { grouped, isManaged, lineText, nameAt, rangeAt, siteKey, type ScriptContext } from "../scriptContext";

interface Held {
  readonly forward: Forward;
  readonly call: ModeCall;
  readonly optimizer: TracedCall;
}

export function heldButTraining(context: ScriptContext): SourceFinding[] {
  if (!context.trace.isComplete) return [];
  const trained = context.trace.forwards.filter(
    ({ training, isHeld, hasNorm, module }) => training !== null && isHeld && hasNorm && !isManaged(module),
  );
  const found = trained.flatMap((forward) => heldIn(context, forward) ?? []);
  return grouped(found, ({ call }) => siteKey(call.place.site)).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first),
  );
}

function heldIn(context: ScriptContext, forward: Forward): Held | null {
  const call = freezingCall(context, forward.module);
  const optimizer = optimizerOf(context, forward.module);
  if (call === null || optimizer === null) return null;
  return [context.file, call.place.site.file].some(setsGradients) ? null : { forward, call, optimizer };
}

/** `freeze_bn`, not `freeze_bn_stats`: a name that means all of the layer. */
const FREEZES = /freez|frozen/i;
const NORMS = /bn|norm/i;
const STATISTICS = /stat|running|mean|track|eval/i;

/** The last eval() of BN layers of the network in a function that is to freeze them: a constructor may do so, too. */
function freezingCall({ trace }: ScriptContext, network: ObjectValue): ModeCall | null {
  const parts = withDescendants(network);
  const call = trace.modeCalls.findLast(({ mode, module, place }) => {
    const node = place.frames.at(-1)?.node;
    const name = node?.kind === "function" ? node.name : "";
    return mode === "eval" && parts.has(module) && FREEZES.test(name) && NORMS.test(name) && !STATISTICS.test(name);
  });
  return call ?? null;
}

/** An optimizer that certainly has γ and β of BN layers of the network: all of them are held. */
function optimizerOf({ trace }: ScriptContext, network: ObjectValue): TracedCall | null {
  return (
    trace.calls.find(({ path, args }) => {
      const parameters = args.positional[0] ?? args.keyword.get("params");
      const stepped = path.startsWith("torch.optim.") && parameters !== undefined ? steppedNorm(parameters) : null;
      return stepped !== null && (withDescendants(network).has(stepped) || withDescendants(stepped).has(network));
    }) ?? null
  );
}

/** A file that sets requires_grad may leave γ and β out of training, too. */
const setsGradients = ({ text }: SourceFile): boolean => /requires_grad\s*=(?!=)|requires_grad_\(/.test(text);

function describe(context: ScriptContext, { forward, call, optimizer }: Held): SourceFinding[] {
  const range = rangeAt(context, call.place);
  if (range === null) return [];
  const name = nameAt(context, forward.module, forward);
  return [
    findingOf({
      rule: "held-but-updating",
      severity: "information",
      layers: [],
      expression: range,
      verdict: `The frozen BN layers of ${name} still train their γ and β.`,
      evidence:
        `The eval() on ${lineText(context, call.place.site)} holds the running mean and variance. γ and β are ` +
        `parameters: the optimizer on ${lineText(context, optimizer.place.site)} has them, and each step changes them.`,
      next: "Call requires_grad_(False) on these layers as well, if all of them is to stay as it was.",
    }),
  ];
}
