/**
 * Features of a pretrained network that are taken under no_grad while another one is trained on them: nothing of it is
 * to change, and in train mode its running statistics do.
 */
import { gradOf } from "../../../script/modes";
import { originsOf } from "../../../script/forwards";
import { withDescendants } from "../../../script/norms";
import type { Forward, ObjectValue } from "../../../script/tracedValues";
import { tokensOf } from "../../../script/words";
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { isPretrained } from "../pretrained";
import {
  grouped,
  isManaged,
  lineText,
  nameAt,
  rangeAt,
  siteKey,
  usesBatchStatistics,
  type ScriptContext,
} from "../scriptContext";

/** Networks that are asked for their opinion, some of them in train mode on purpose: a rule of their own. */
const ASKED = /^(teacher|target|ema|mentor|momentum|tgt|key|t|loss|criterion|critic|disc|discriminator)$/;

export function featuresWithoutGradients(context: ScriptContext): SourceFinding[] {
  if (!context.trace.isComplete) return [];
  const taken = context.trace.forwards.filter(
    (pass) => pass.noGrad && pass.hasNorm && usesBatchStatistics(pass) && isFrozen(context, pass.module),
  );
  const used = taken.flatMap((pass) => {
    const trained = trainedWith(context, pass);
    return trained === undefined ? [] : [{ pass, trained }];
  });
  return grouped(used, ({ pass }) => siteKey(pass.site)).flatMap(([first]) =>
    first === undefined ? [] : describe(context, first.pass, first.trained),
  );
}

/** It comes with trained weights, and no pass and no other network ever changes them. */
function isFrozen({ trace }: ScriptContext, module: ObjectValue): boolean {
  const parts = withDescendants(module);
  const isAsked = [...module.names].some((name) => tokensOf(name).some((token) => ASKED.test(token)));
  // One whose parameters get no gradient is a matter of `frozenButUpdating`.
  if (isAsked || isManaged(module) || gradOf(module)?.isOn === false) return false;
  const comesTrained = [...parts].some((part) => isPretrained(part) || trace.loaded.has(part));
  const isFollower = trace.transfers.some(({ to, from }) => from !== null && from !== to && parts.has(to));
  return comesTrained && !isFollower && trace.forwards.every((pass) => pass.noGrad || !parts.has(pass.module));
}

/** The network that is trained on what it gives: the one whose forward asks it, or one that gets its answer. */
function trainedWith({ trace }: ScriptContext, pass: Forward): Forward | undefined {
  return trace.forwards.find(
    ({ training, inside, args }) =>
      training !== null &&
      (inside.includes(pass) || args.some((value) => originsOf(value).some(({ forward }) => forward === pass))),
  );
}

function describe(context: ScriptContext, pass: Forward, trained: Forward): SourceFinding[] {
  const range = rangeAt(context, pass);
  if (range === null) return [];
  const name = nameAt(context, pass.module, pass);
  return [
    findingOf({
      rule: "frozen-but-updating",
      layers: [],
      expression: range,
      verdict: `${name} gets no gradients here, but its running statistics still change.`,
      evidence:
        `On ${lineText(context, pass.site)} the features for ${nameAt(context, trained.module, trained)} are taken ` +
        "without gradients, and the BN layers are in train mode: they normalize with the batch and move their " +
        "running mean and variance with each pass, also under no_grad.",
      next: `Call ${name}.eval() after every train(), or do so in the train() of the network that contains it.`,
    }),
  ];
}
