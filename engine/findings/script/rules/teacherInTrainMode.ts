/** A network that follows another one and is only asked, in train mode: Mean Teacher means it, most others do not. */
import type { SourceFinding } from "../../sourceFinding";
import { passFinding } from "../passFinding";
import {
  grouped,
  isManaged,
  lineText,
  siteKey,
  trainedModules,
  usesBatchStatistics,
  type ScriptContext,
} from "../scriptContext";
import { isStepped } from "../optimizers";
import { gradOf } from "../../../script/modes";
import type { Forward, ObjectValue } from "../../../script/tracedValues";
import { tokensOf } from "../../../script/words";

const TEACHER = /^(teacher|target|ema|mentor|momentum|tgt|t)$/;

export function teacherInTrainMode(context: ScriptContext): SourceFinding[] {
  const trained = trainedModules(context);
  const asked = context.trace.forwards.filter(
    (forward) => isTeacher(context, forward) && isOnlyAsked(context, forward, trained),
  );
  return grouped(asked, ({ site }) => siteKey(site)).flatMap((visits) => {
    const [first] = visits;
    return first !== undefined && visits.every(usesBatchStatistics) && first.hasNorm ? describe(context, first) : [];
  });
}

/** Under no_grad, or with gradients that no optimizer uses. */
function isOnlyAsked(
  context: ScriptContext,
  { module, noGrad, training }: Forward,
  trained: ReadonlySet<ObjectValue>,
): boolean {
  // A part of a trained network that gets no gradients is not trained: `encoder_k` of MoCo.
  const isTrained = trained.has(module) && gradOf(module)?.isOn !== false;
  return (noGrad && training === null && !isTrained) || !isStepped(context, module);
}

function isTeacher({ trace }: ScriptContext, { module, loops, frames }: Forward): boolean {
  const loop = loops.at(-1);
  const node = frames.at(-1)?.node ?? null;
  if (isManaged(module) || (loop === undefined && node === null)) return false;
  // A function that trains one batch may be called by code that is not read.
  const isInTraining = trace.backwards.some(
    ({ place }) =>
      place.loops.at(-1) === loop && (loop !== undefined || place.frames.some((frame) => frame.node === node)),
  );
  const follows = trace.transfers.some(({ to, from }) => to === module && from !== null && from !== module);
  const isNamed = [...module.names].some((name) => tokensOf(name).some((token) => TEACHER.test(token)));
  return isInTraining && (follows || isNamed);
}

function describe(context: ScriptContext, forward: Forward): SourceFinding[] {
  return passFinding(context, forward, (name) => ({
    rule: "teacher-in-train-mode",
    verdict: `${name} runs in train mode although it is not trained.`,
    evidence:
      `On ${lineText(context, forward.site)} its BN layers normalize with the batch, so an output depends on the ` +
      "other samples in the batch. The running statistics move by 10 % per batch, also under no_grad. " +
      "Mean Teacher and MoCo do this on purpose.",
    next: `Call ${name}.eval() if an output should not depend on the batch.`,
  }));
}
