/**
 * A change of `trainable` between `compile()` and `fit()`: Keras reads `trainable` when `compile()` is called, so the
 * change has no effect. Looked for one after the other in one block; a function that makes the model may have compiled
 * it.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { Block, FunctionStatement, Statement } from "../../python/statements";
import { assignmentsIn, callsIn, dottedName, functionsIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { fullPath } from "../python/constants";
import { leadsTo } from "../python/importedDefinitions";
import { APPLICATION, contains, modelsWithNorm, pretrainedBases, WITHOUT_NORM } from "../python/kerasModels";
import { isLayersOf, isTrainableOf, setsTrainable } from "../python/trainable";
import type { SourceFinding } from "../sourceFinding";

export function kerasUncompiled(context: FindingContext): SourceFinding[] {
  if (!/\.trainable\s*=/.test(context.file.text)) return [];
  const { body } = context.file.module;
  const names = new Set([...pretrainedBases(context).keys(), ...modelsWithNorm(context), ...builtModels(context)]);
  return [body, ...functionsIn(body).map((fn) => fn.body)].flatMap((block) => uncompiledIn(context, block, names));
}

/** `model = build()`, of a function of the file that makes BN layers or a pretrained model with them. */
const builtModels = (context: FindingContext): string[] =>
  assignmentsIn(context.file.module.body).flatMap(({ targets, value }) => {
    const definition = value.kind === "call" ? functionOf(context.file, value) : null;
    return definition !== null && makesNorms(context, definition)
      ? targets.flatMap((target) => dottedName(target) ?? [])
      : [];
  });

const functionOf = ({ module }: SourceFile, { callee }: CallExpression): FunctionStatement | null => {
  const name = dottedName(callee)?.split(".").at(-1);
  return functionsIn(module.body).find((fn) => fn.name === name) ?? null;
};

const makesNorms = ({ file, names }: FindingContext, definition: FunctionStatement): boolean =>
  leadsTo({ file, definition }, "BatchNormalization") ||
  callsIn(definition.body).some(({ callee }) => {
    const [, application] = APPLICATION.exec(fullPath(callee, names.imports) ?? "") ?? [];
    return application !== undefined && !WITHOUT_NORM.test(application);
  });

function uncompiledIn(context: FindingContext, body: Block, bases: ReadonlySet<string>): SourceFinding[] {
  const changes = body.flatMap((statement, index) => {
    const base = [...bases].find((name) => changesTrainable(statement, name));
    return base === undefined ? [] : [{ statement, index, base }];
  });
  return changes.flatMap(({ statement, index, base }) => {
    const next = body
      .slice(index + 1)
      .find((later) => methodsIn(later).some(({ name }) => name === "compile" || name === "fit"));
    const fit =
      next === undefined ? undefined : methodsIn(next).find(({ name }) => name === "compile" || name === "fit");
    const isCompiled = body.slice(0, index).some((earlier) => compiles(context.file, earlier, fit?.model));
    const isOnlyChange =
      changes.filter(
        (change) => change.base === base && change.index > index && change.index < body.indexOf(next ?? statement),
      ).length === 0;
    const between = body.slice(index + 1, body.indexOf(next ?? statement));
    const mayCompile = between.some((later) => callsIn(later).some((call) => compilesWithin(context.file, call)));
    if (fit?.name !== "fit" || !isCompiled || mayCompile || !isOnlyChange || !concerns(context, fit.model, base))
      return [];
    return [
      findingOf({
        rule: "keras-frozen-bn",
        layers: [],
        expression: rangeOf(context, statement),
        verdict:
          `${changed(statement, base)} changes here, but ${fit.model}.fit() runs without a new compile(), so the ` +
          "change has no effect.",
        evidence:
          "Keras reads trainable, and whether BN layers are frozen, when compile() is called. There is no " +
          `such call between this line and fit() on line ${rangeOf(context, next ?? statement).startLine}.`,
        next: `Call ${fit.model}.compile(…) after changing trainable, with a lower learning rate.`,
      }),
    ];
  });
}

/** A model is trained that is the base, or has it in it. */
const concerns = (context: FindingContext, model: string, base: string): boolean =>
  model === base || contains(context, model, base) || contains(context, base, model);

/** `model.compile(…)`, and `model = build()` of a function that compiles what it makes. */
function compiles(file: SourceFile, statement: Statement, model: string | undefined): boolean {
  if (methodsIn(statement).some((method) => method.name === "compile" && method.model === model)) return true;
  return (
    statement.kind === "assign" &&
    statement.value.kind === "call" &&
    statement.targets.some((target) => dottedName(target) === model) &&
    compilesWithin(file, statement.value)
  );
}

function compilesWithin(file: SourceFile, call: CallExpression): boolean {
  const definition = functionOf(file, call);
  return (
    definition !== null &&
    callsIn(definition.body).some(({ callee }) => callee.kind === "attribute" && callee.name === "compile")
  );
}

function changesTrainable(statement: Statement, base: string): boolean {
  if (statement.kind === "assign")
    return statement.targets.some((target) => isTrainableOf(target, base) || isTrainableOfLayer(target, base));
  return (
    statement.kind === "for" &&
    isLayersOf(statement.iterable, base) &&
    statement.body.some(
      (one) => setsTrainable(one, statement.target, true) || setsTrainable(one, statement.target, false),
    )
  );
}

/** `model.layers[0].trainable`, `model.get_layer("body").trainable` */
function isTrainableOfLayer(target: Expression, base: string): boolean {
  if (target.kind !== "attribute" || target.name !== "trainable") return false;
  const { object } = target;
  return object.kind === "subscript"
    ? dottedName(object.object) === `${base}.layers`
    : object.kind === "call" && dottedName(object.callee) === `${base}.get_layer`;
}

function methodsIn(statement: Statement): { name: string; model: string }[] {
  if (statement.kind === "function" || statement.kind === "class") return [];
  return callsIn(statement).flatMap(({ callee }) => {
    const model = callee.kind === "attribute" ? dottedName(callee.object) : null;
    return callee.kind === "attribute" && model !== null ? [{ name: callee.name, model }] : [];
  });
}

/** What the statement sets, as the file says it. */
const changed = (statement: Statement, base: string): string =>
  statement.kind === "assign" && statement.targets.some((target) => isTrainableOfLayer(target, base))
    ? `trainable of a layer of ${base}`
    : `${base}.trainable`;
