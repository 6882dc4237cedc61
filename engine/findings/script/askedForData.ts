/**
 * Passes of a trained network without gradients over data, in a function that trains nothing, whose answers somebody
 * uses: samples that are picked, pseudo-labels, features that are saved.
 */
import { nodesIn } from "../../python/walk";
import type { Forward } from "../../script/tracedValues";
import { tokensOf } from "../../script/words";
import { functionOf, trainedModules, type ScriptContext } from "./scriptContext";

/** Functions that pass data for the statistics, or to train on what comes out. */
const OTHER = new RegExp(
  "^(train|training|fit|step|update|bn|norm|stats?|statistics|calibrate|calibration|recalibrate|precise|warmup|init|" +
    "initialize|adapt|tta|attack|advers|adversarial|perturb|sanity|profile|benchmark|speed|latency|collect|ema|" +
    "teacher|rollout|act|play|episode)$",
);

export function isAskedForData(context: ScriptContext, forward: Forward): boolean {
  const fn = functionOf(forward);
  const loop = forward.loops.at(-1)?.loop;
  if (fn === null || loop === undefined || !forward.noGrad || loop.words.length === 0) return false;
  const { node, file } = fn;
  const isLoopOfFunction = loop.site.file === file && node.from <= loop.site.from && loop.site.to <= node.to;
  return (
    isLoopOfFunction &&
    !tokensOf(node.name).some((token) => OTHER.test(token)) &&
    trainedModules(context).has(forward.module) &&
    !trains(context, fn.node) &&
    isUsed(forward)
  );
}

/** Whether anything is trained in the function, or in what calls it inside of a round. */
function trains({ trace }: ScriptContext, node: object): boolean {
  return trace.backwards.some(({ place }) => place.frames.some((frame) => frame.node === node));
}

/** `net(x)` as a statement, and `_ = net(x)`, want nothing but the pass. */
function isUsed({ site }: Forward): boolean {
  return !nodesIn(site.file.module.body).some((statement) => {
    if (statement.kind !== "expression" && statement.kind !== "assign") return false;
    if (statement.value.from !== site.from || statement.value.to !== site.to) return false;
    return (
      statement.kind === "expression" ||
      statement.targets.every((target) => target.kind === "name" && target.name.startsWith("_"))
    );
  });
}
