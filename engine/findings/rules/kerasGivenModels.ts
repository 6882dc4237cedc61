/**
 * `self.generator(z)` and `model(x)` in a GradientTape, of models that another file makes, or that a class or function
 * is given: what makes them says which have BN.
 */
import type { CallExpression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { callsIn, dottedName } from "../../python/walk";
import { namesOf } from "../python/constants";
import { classAround, functionAround } from "../python/enclosing";
import { leadsTo } from "../python/importedDefinitions";
import { KerasNorms, type Makers, type Project } from "../python/kerasNorms";
import { modelsWithNorm } from "../python/kerasModels";
import type { SourceFinding } from "../sourceFinding";
import { callsThatTrain, describeCalls, isLoop } from "./kerasCallWithoutTraining";

export function kerasGivenCallWithoutTraining(file: SourceFile, project: Project): SourceFinding[] {
  if (!isLoop(file)) return [];
  const byName = new Map<string, CallExpression[]>();
  const known = modelsWithNorm({ file, names: namesOf(file) });
  for (const call of callsThatTrain(file)) {
    const name = dottedName(call.callee) ?? "";
    if (name !== "" && name !== "self" && !known.has(name)) byName.set(name, [...(byName.get(name) ?? []), call]);
  }
  const norms = new KerasNorms(project);
  return [...byName].flatMap(([name, calls]) => {
    const [first] = calls;
    if (first === undefined || trainsElsewhere(file, first, name)) return [];
    const makers = norms.makersOf(file, first.callee);
    return makers?.every(isInferredByDefault) === true
      ? [describeCalls({ file, names: namesOf(file) }, name, first, calls.length)]
      : [];
  });
}

/** None of its calls says by itself that it trains. */
const isInferredByDefault = (made: Makers[number]): boolean => !leadsTo(made, /training\s*=\s*True/);

const trainsElsewhere = (file: SourceFile, call: CallExpression, name: string): boolean =>
  callsIn(classAround(file, call) ?? functionAround(file, call)?.body ?? file.module.body).some(
    (other) =>
      dottedName(other.callee) === name &&
      other.arguments.some((argument) => argument.kind === "keyword" && argument.name === "training"),
  );
