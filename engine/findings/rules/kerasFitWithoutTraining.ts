/**
 * `fit()` of a model whose own `call(self, x)` has no argument `training`: Keras 3 then has nobody to tell that it
 * trains, and every layer below runs in inference mode (`layers/layer.py`, `_call_has_training_arg`; measured with
 * Keras 3.15: the moving mean stays 0). Keras 2 told the layers by itself.
 */
import type { CallExpression, Span } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { ClassStatement, FunctionStatement } from "../../python/statements";
import { callsIn, dottedName } from "../../python/walk";
import { rangeOf } from "../context";
import { findingOf } from "../draft";
import { namesOf } from "../python/constants";
import { codeOf, type ImportedDefinition, leadsTo } from "../python/importedDefinitions";
import { isKerasModel } from "../python/kerasModels";
import { KerasNorms, type Project } from "../python/kerasNorms";
import { importsKerasItself } from "../python/kerasVersion";
import type { SourceFinding } from "../sourceFinding";

/** A model that `fit()` cannot tell that it trains. */
interface Deaf {
  readonly file: SourceFile;
  readonly definition: ClassStatement;
  readonly method: FunctionStatement;
}

export function kerasFitWithoutTraining(file: SourceFile, project: Project): SourceFinding[] {
  if (!/\.fit\s*\(/.test(file.text) || !/\b(keras|tensorflow)\b/.test(file.text)) return [];
  const norms = new KerasNorms(project);
  const reported = new Set<ClassStatement>();
  return callsIn(file.module.body).flatMap((call) => {
    if (call.callee.kind !== "attribute" || call.callee.name !== "fit") return [];
    // What is made last is what fit() trains; the others made it.
    const deaf = deafModel(norms.makersOf(file, call.callee.object)?.at(-1));
    if (deaf === null || reported.has(deaf.definition)) return [];
    reported.add(deaf.definition);
    return [describe(file, call, deaf)];
  });
}

function deafModel(made: ImportedDefinition | undefined): Deaf | null {
  if (made?.definition.kind !== "class" || leadsTo(made, /training\s*=\s*True|learning_phase/)) return null;
  const { file, definition } = made;
  if (!definition.arguments.some(({ value }) => isKerasModel(value, namesOf(file).imports))) return null;
  const methods = definition.body.filter((statement): statement is FunctionStatement => statement.kind === "function");
  // A step of one's own may say the mode, and a graph built in the constructor gets it.
  const isOwn = methods.some(({ name }) => /^(train_step|fit|__call__)$/.test(name));
  const isGraph = /super\([^)]*\)\.__init__\(\s*(inputs|outputs)\s*=/.test(codeOf(file, definition));
  const method = methods.find(({ name }) => name === "call");
  if (method === undefined || isOwn || isGraph || method.decorators.length > 0) return null;
  return method.parameters.some(({ name }) => name === "training") ? null : { file, definition, method };
}

/** `def call` */
const nameOf = ({ from, name }: FunctionStatement): Span => ({ from, to: from + "def ".length + name.length });

function describe(file: SourceFile, fit: CallExpression, { file: ownFile, definition, method }: Deaf): SourceFinding {
  const isHere = ownFile === file;
  const name = definition.name;
  const trained = fit.callee.kind === "attribute" ? dottedName(fit.callee.object) : null;
  return findingOf({
    rule: "keras-call-without-training",
    severity: importsKerasItself(ownFile) ? "warning" : "information",
    layers: [],
    expression: rangeOf({ file }, isHere ? nameOf(method) : fit),
    verdict:
      `In Keras 3, fit() trains ${isHere ? name : (trained ?? name)} in inference mode: ` +
      `call() of ${name} has no argument training.`,
    evidence:
      "fit() tells a model that it trains through that argument, and its layers get the mode from it. Without it BN " +
      "layers normalize with their moving averages, which stay at 0 and 1, and dropout is off.",
    next:
      `Write def call(self, ${method.parameters[1]?.name ?? "inputs"}, training=None); ` +
      "layers called inside get the mode by themselves.",
  });
}
