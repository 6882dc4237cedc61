/**
 * `base(x, training=False)` in a functional model does not hold BN in Keras 3: `fit()` hands training=True to every
 * layer of
 * the graph, and only `trainable = False` keeps the statistics (measured with Keras 3.15 on TensorFlow).
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { callsIn, dottedName, nodesIn } from "../../python/walk";
import { rangeOf } from "../context";
import { findingOf } from "../draft";
import { fullPath, namesOf } from "../python/constants";
import { classAround, functionAround } from "../python/enclosing";
import { KerasNorms, type Project } from "../python/kerasNorms";
import { importsKerasItself } from "../python/kerasVersion";
import type { SourceFinding } from "../sourceFinding";

export function kerasHeldNorm(file: SourceFile, project: Project): SourceFinding[] {
  if (!/training\s*=\s*False/.test(file.text) || handlesNorms(file.text) || !isFitted(file, project)) return [];
  const norms = new KerasNorms(project);
  return callsIn(file.module.body)
    .filter((call) => isHeld(call) && isFunctional(file, call))
    .flatMap((call) => {
      const name = heldName(file, call, norms);
      return name === null || staysFrozen(file, name) ? [] : [describe(file, call, name)];
    });
}

const FITS = /\.fit\s*\(/;

/** Here, or in a file that builds its model with this one, and that leaves `trainable` as it is. */
function isFitted(file: SourceFile, { callers }: Project): boolean {
  if (FITS.test(file.text)) return true;
  const texts = callers().map(({ text }) => text);
  return texts.some((text) => FITS.test(text)) && !texts.some((text) => /\.trainable\s*=/.test(text));
}

/** Who asks layers for their class has thought about them. */
const handlesNorms = (text: string): boolean => /isinstance\([^)]*BatchNorm/.test(text);

const isHeld = ({ arguments: args }: CallExpression): boolean =>
  args.some(
    (argument) =>
      argument.kind === "keyword" &&
      argument.name === "training" &&
      argument.value.kind === "constant" &&
      argument.value.value === false,
  );

/** In a function, or at the file's own level, that makes an Input and a Model: its calls build a graph. */
function isFunctional(file: SourceFile, call: CallExpression): boolean {
  if (classAround(file, call) !== null) return false;
  const calls = callsIn(functionAround(file, call)?.body ?? file.module.body);
  const names = calls.map(({ callee }) => dottedName(callee) ?? "");
  return names.some((name) => /(^|\.)Input$/.test(name)) && names.some((name) => /(^|\.)Model$/.test(name));
}

/** What is called: a model by its name, or a BN layer where it is made. */
function heldName(file: SourceFile, { callee }: CallExpression, norms: KerasNorms): string | null {
  const name = dottedName(callee);
  if (name !== null) return norms.makersOf(file, callee) === null ? null : name;
  const isNorm =
    callee.kind === "call" && (fullPath(callee.callee, namesOf(file).imports) ?? "").endsWith(".BatchNormalization");
  return isNorm ? "the BN layer" : null;
}

/** `trainable = False`, or what only a run knows (`trainable = flag`), is the last word about it. */
function staysFrozen(file: SourceFile, name: string): boolean {
  const said = [...nodesIn(file.module.body)].flatMap((node): boolean[] => {
    if (node.kind !== "assign" || !node.targets.some((target) => isTrainableOf(target, name))) return [];
    return [node.value.kind === "constant" && node.value.value === true];
  });
  const loosens = [...nodesIn(file.module.body)].some(
    (node) => node.kind === "for" && file.text.slice(node.iterable.from, node.iterable.to).startsWith(`${name}.layers`),
  );
  return said.at(-1) === false && !loosens;
}

const isTrainableOf = (target: Expression, name: string): boolean => dottedName(target) === `${name}.trainable`;

function describe(file: SourceFile, call: CallExpression, name: string): SourceFinding {
  return findingOf({
    rule: "held-but-updating",
    // In Keras 2 training=False holds.
    severity: importsKerasItself(file) ? "warning" : "information",
    layers: [],
    expression: rangeOf({ file }, call),
    verdict: `training=False does not hold the statistics of ${name} while fit() trains.`,
    evidence:
      "In Keras 3, fit() hands training=True to every layer of a functional model, whatever it was called with. " +
      "BN layers " +
      "that are trainable then normalize with each batch and move their averages, by 1 % a step with the " +
      "default momentum.",
    next:
      "Make the BN layers trainable=False before compile(); training=False holds them in a call() of your " +
      "own only.",
  });
}
