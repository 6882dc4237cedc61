/**
 * Evaluation of a Keras model in training mode: `model(x, training=True)` in a test step, in a loop over validation
 * data or where images are generated, and `model(x)` there where its `call` has `training=True` as the default.
 */
import type { CallExpression, Expression, Parameter } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { ForStatement } from "../../python/statements";
import { attributesIn, callsIn, dottedName, functionsIn, namesIn, nodesIn, stringsIn } from "../../python/walk";
import { splitOf, tokensOf } from "../../script/words";
import { rangeOf } from "../context";
import { findingOf } from "../draft";
import { namesOf } from "../python/constants";
import { functionAround, isInside } from "../python/enclosing";
import { runsInTape } from "../python/gradientTapes";
import { leadsTo } from "../python/importedDefinitions";
import { KerasNorms, type Makers, type Project } from "../python/kerasNorms";
import { isUnitTest } from "../python/unitTest";
import type { SourceFinding } from "../sourceFinding";

/** What a call is part of: a measurement on held-out data, samples, guessed labels, or passes that want dropout. */
type Kind = "evaluation" | "samples" | "labels" | "dropout";

/** Arguments that switch training mode, as people name them in their own `call`. */
const TRAINING = /^(is_?)?train(ing)?$/;

export function kerasEvaluation(file: SourceFile, project: Project): SourceFinding[] {
  const mentionsMode = /train(ing)?\s*=\s*True|\(\w+\s*,\s*True\)/.test(file.text);
  const isKeras = /\b(keras|tensorflow|tf)\b/.test(file.text);
  if (!isKeras || isUnitTest(file) || /set_learning_phase\s*\(/.test(file.text)) return [];
  // Where no call says it, a class of this file or of one that it imports may.
  if (!mentionsMode && !/GradientTape|stop_gradient/.test(file.text)) return [];
  const norms = new KerasNorms(project);
  const loops = nodesIn(file.module.body).filter((node): node is ForStatement => node.kind === "for");
  const seen = new Set<string>();
  return callsIn(file.module.body).flatMap((call) => {
    const kind = saysMode(call) === false ? null : kindOf(file, call, loops);
    if (kind === null || runsInTape(file, call) || isMeant(file, call, kind)) return [];
    const name = dottedName(call.callee) ?? "";
    const key = `${name} ${functionAround(file, call)?.from ?? ""}`;
    const makers = name === "" || seen.has(key) ? null : norms.makersOf(file, call.callee);
    if (makers === null || !(saysMode(call) === true || isTrainingByDefault(call, makers))) return [];
    if (kind === "dropout" && !makers.some((made) => leadsTo(made, "Dropout")) && !file.text.includes("Dropout"))
      return [];
    seen.add(key);
    return [describe(file, call, name, kind, saysMode(call) === true)];
  });
}

/** `training=True`, or `True` as the second argument; null where the call says nothing, or nothing certain. */
function saysMode({ arguments: args }: CallExpression): boolean | null {
  const named = args.find((argument) => argument.kind === "keyword" && TRAINING.test(argument.name));
  const [, second] = args;
  const value = named?.value ?? (second?.kind === "positional" ? second.value : undefined);
  if (value === undefined) return args.some(({ kind }) => kind === "doubleStar" || kind === "star") ? false : null;
  return value.kind === "constant" && value.value === true;
}

/** `def call(self, x, training=True)` of the class that makes the model. */
function isTrainingByDefault(call: CallExpression, makers: Makers): boolean {
  if (call.arguments.length !== 1) return false;
  const classes = makers.filter(({ definition }) => definition.kind === "class");
  return (
    classes.length > 0 &&
    classes.every(({ file, definition }) => {
      const method = functionsIn(definition.body).find(({ name }) => name === "call");
      const mode = method?.parameters.find(defaultsToTrue);
      return mode !== undefined && method !== undefined && passesOn(file, method, mode.name);
    })
  );
}

const defaultsToTrue = ({ name, defaultValue }: Parameter): boolean =>
  TRAINING.test(name) && defaultValue?.kind === "constant" && defaultValue.value === true;

/** The method hands its mode on to its layers. */
const passesOn = (file: SourceFile, method: object, name: string): boolean =>
  callsIn(method).some(({ arguments: args }) =>
    args.some(({ value }) => value.kind === "name" && value.name === name),
  ) || file.text.includes("super().call");

const EVALUATION = /^(val|valid|validate|validation|eval|evaluate|evaluation|test|testing|predict|infer|inference)$/;
const SAMPLES = /^(generate|sample|samples|save|show|plot|display|visuali[sz]e|visuali[sz]ation|draw)$/;
const LABELS = /^(guess|guessed|pseudo)$/;
/** Functions that want the batch's statistics, or a step of training. */
const OTHER = /adapt|(^|_)tta|calib|recompute|update_?bn|warm_?up|ensemble|attack|advers/i;
/** Functions that want dropout, for which BN layers need no training mode. */
const DROPOUT = /(^|_)mc(_|$)|monte|dropout|uncertain|bayes/i;

/** What the innermost function that says something is for, else the loop, else the data; null for no evaluation. */
function kindOf(file: SourceFile, call: CallExpression, loops: readonly ForStatement[]): Kind | null {
  for (let fn = functionAround(file, call); fn !== null; fn = functionAround(file, fn)) {
    const tokens = tokensOf(fn.name);
    if (DROPOUT.test(fn.name)) return "dropout";
    if (OTHER.test(fn.name) || tokens.some((token) => /^(train|training|fit)$/.test(token))) {
      return OTHER.test(fn.name) ? null : heldOut(call, loops);
    }
    if (tokens.some((token) => EVALUATION.test(token))) return "evaluation";
    if (tokens.some((token) => SAMPLES.test(token))) return "samples";
    if (tokens.some((token) => LABELS.test(token))) return "labels";
  }
  return heldOut(call, loops);
}

/** The loop that brings the data, or the data itself, is held out by its name. */
function heldOut(call: CallExpression, loops: readonly ForStatement[]): Kind | null {
  const loop = loops.filter(({ body }) => body.some((statement) => isInside(call, statement))).at(-1);
  const [data] = call.arguments;
  const own = data === undefined ? null : splitOf(wordsIn(data.value));
  const around = loop === undefined ? null : splitOf(wordsIn(loop.iterable));
  return (own ?? around) === "held-out" && around !== "train" ? "evaluation" : null;
}

const wordsIn = (value: Expression): string[] => [
  ...namesIn(value).map(({ name }) => name),
  ...attributesIn(value).map(({ name }) => name),
  ...stringsIn(value).map((text) => text.value),
];

/** A comment or a text in the file says that the batch's statistics are wanted. */
function isMeant(file: SourceFile, call: CallExpression, kind: Kind): boolean {
  const around = functionAround(file, call) ?? call;
  const from = Math.max(0, around.from - COMMENT_LENGTH);
  const said = [
    ...(file.text.slice(from, around.to).match(/#[^\n]*/g) ?? []),
    ...stringsIn(file.module.body).flatMap((one) => (one.to > from && one.from < around.to ? [one.value] : [])),
  ];
  const words = kind === "dropout" ? /intentional|on purpose|deliberate|batch stat/i : MEANT;
  return said.some((text) => words.test(text));
}

const MEANT = /intentional|on purpose|deliberate|batch stat|dropout/i;
const COMMENT_LENGTH = 400;

function verdictOf(kind: Kind, name: string): string {
  if (kind === "samples") return `${name} makes its samples in training mode.`;
  if (kind === "labels") return `${name} guesses labels in training mode.`;
  return kind === "dropout"
    ? `The training mode that ${name} needs for its dropout is that of its BN layers too.`
    : `${name} is evaluated in training mode.`;
}

function describe(file: SourceFile, call: CallExpression, name: string, kind: Kind, isSaid: boolean): SourceFinding {
  const context = { file, names: namesOf(file) };
  return findingOf({
    rule: "missing-eval",
    ...(kind !== "evaluation" ? { severity: "information" as const } : {}),
    layers: [],
    expression: rangeOf(context, call),
    verdict: verdictOf(kind, name),
    evidence:
      (isSaid
        ? "With training=True its BN layers normalize with the mean and variance of each batch, "
        : "Its call() has training=True as the default: its BN layers normalize with each batch, ") +
      "so the output for a sample depends on the others, and every pass moves the moving averages.",
    next:
      kind === "dropout"
        ? `Call it as ${name}(…, training=False), with dropout layers whose own call() says training=True.`
        : `Call it as ${name}(…, training=False).`,
  });
}
