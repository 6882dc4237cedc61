/**
 * Whether BN layers that a Keras file makes may be frozen while it trains. What is frozen uses its moving statistics,
 * so rules about batch statistics do not apply to it. What has none of the file's BN layers may be frozen.
 */
import type { CallExpression, Expression, Span } from "../python/expressions";
import type { SourceFile } from "../python/parse";
import type { ForStatement } from "../python/statements";
import { assignmentsIn, callsIn, dottedName, functionsIn, nodesIn } from "../python/walk";
import { fullPath, namesOf } from "./python/constants";
import { classAround, functionAround, isInside } from "./python/enclosing";
import { trainingTapes } from "./python/gradientTapes";
import { leadsTo } from "./python/importedDefinitions";
import { APPLICATION } from "./python/kerasModels";

/** `layer.trainable = False`, `BatchNormalization(…, trainable=False)`, `base(x, training=False)`. */
export function freezesInKeras(file: SourceFile): boolean {
  if (!/^\s*(?:from|import)\s+(?:tensorflow|keras|tf_keras|keras_core)\b/m.test(file.text)) return false;
  return (
    callsIn(file.module.body).some((call) => isHeldByCall(file, call)) || frozenNames(file).some(mayHaveNorms(file))
  );
}

const says = ({ arguments: args }: CallExpression, name: string, wanted: boolean): boolean =>
  args.some((argument) => argument.kind === "keyword" && argument.name === name && isConstant(argument.value, wanted));

const isConstant = (value: Expression, wanted: boolean): boolean => value.kind === "constant" && value.value === wanted;

/** What makes weights, and not layers with BN in them. */
const MAKES_WEIGHTS = /(^|\.)(Variable|get_variable|add_(weight|variable)|Embedding)$/;

function isHeldByCall(file: SourceFile, call: CallExpression): boolean {
  const name = dottedName(call.callee);
  if (says(call, "trainable", false)) return !MAKES_WEIGHTS.test(name ?? "");
  if (!says(call, "training", false)) return false;
  // A model that another call trains is evaluated here, and what teaches was trained before as its file says.
  return (
    name === null ||
    !(
      TEACHER.test(name) ||
      isOnlyAsked(file, call, name) ||
      callsIn(file.module.body).some((other) => trains(other, name))
    )
  );
}

/** `self.encoder(x, training=False)` in a method of a plain class that neither trains nor builds a graph. */
function isOnlyAsked(file: SourceFile, call: CallExpression, name: string): boolean {
  const cls = classAround(file, call);
  const method = functionAround(file, call);
  const isPlain = cls?.arguments.every(({ value }) => dottedName(value) === "object") === true;
  if (!isPlain || method === null || !name.startsWith("self.")) return false;
  const buildsGraph = callsIn(method.body).some(({ callee }) =>
    /(^|\.)(Input|Model|Sequential)$/.test(dottedName(callee) ?? ""),
  );
  return !buildsGraph && !trainingTapes(file).some((tape) => isInside(tape, method));
}

const TEACHER = /(^|[._])(teacher|target|ema)(_|$)/i;

const trains = (call: CallExpression, name: string): boolean =>
  dottedName(call.callee) === name && says(call, "training", true);

/** A model that is frozen, or some of its layers; null where the text does not name it. */
interface Frozen {
  readonly name: string | null;
  readonly at: Span;
}

function frozenNames(file: SourceFile): Frozen[] {
  const loops = [...nodesIn(file.module.body)].filter((node): node is ForStatement => node.kind === "for");
  return assignmentsIn(file.module.body).flatMap((at) =>
    isConstant(at.value, false)
      ? at.targets.flatMap((target): Frozen[] =>
          target.kind === "attribute" && target.name === "trainable"
            ? [
                {
                  name: modelOf(
                    target.object,
                    loops.filter((loop) => isInside(at, loop)),
                  ),
                  at,
                },
              ]
            : [],
        )
      : [],
  );
}

/** The model of `model`, of `model.layers[3]`, and of `layer` in a loop over its layers. */
function modelOf(frozen: Expression, loops: readonly ForStatement[]): string | null {
  const name = dottedName(frozen.kind === "subscript" ? frozen.object : frozen);
  const loop = loops.find(({ target }) => name !== null && dottedName(target) === name);
  if (loop !== undefined) return modelOf(loop.iterable, []);
  return name?.replace(/\.layers$/, "") ?? null;
}

/** A GAN freezes its discriminator, for the combined model only. */
const ADVERSARY = /discriminator|critic|generator|gan|^[dg]$/i;

const mayHaveNorms =
  (file: SourceFile) =>
  ({ name, at }: Frozen): boolean =>
    name === null || !(ADVERSARY.test(name) || isCompiledBefore(file, name, at) || hasNoNorms(file, name));

/** It trains as it was compiled, and is frozen for a model that contains it. */
function isCompiledBefore(file: SourceFile, name: string, at: Span): boolean {
  const around = functionAround(file, at);
  return callsIn(around?.body ?? file.module.body).some(
    (call) =>
      call.from < at.from && dottedName(call.callee) === `${name}.compile` && functionAround(file, call) === around,
  );
}

/** Whatever makes it, it has no BN layer that this file makes. */
function hasNoNorms(file: SourceFile, name: string): boolean {
  const made = assignmentsIn(file.module.body).filter(({ targets }) =>
    targets.some((target) => dottedName(target) === name),
  );
  return made.length > 0 && made.every(({ value }) => makesNoNorms(file, value));
}

function makesNoNorms(file: SourceFile, value: Expression): boolean {
  if (value.kind !== "call") return false;
  const path = fullPath(value.callee, namesOf(file).imports) ?? "";
  if (APPLICATION.test(path) || /(^|\.)load_model$/.test(path)) return true;
  const definition = functionsIn(file.module.body).find(
    (fn) => fn.name === dottedName(value.callee) && file.module.body.includes(fn),
  );
  return definition !== undefined && !leadsTo({ file, definition }, "BatchNorm");
}
