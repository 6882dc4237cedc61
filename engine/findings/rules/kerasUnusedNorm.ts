/**
 * `self.bn2 = BatchNormalization()` in a class of Keras layers that nothing names again. Keras makes the weights of a
 * layer when it is called, so the model's graph has nothing of it: only the text does.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { ClassStatement } from "../../python/statements";
import { assignmentsIn, attributesIn, classesIn, functionsIn, stringsIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { fullPath, namesOf } from "../python/constants";
import type { SourceFinding } from "../sourceFinding";

interface Stored {
  readonly name: string;
  readonly made: CallExpression;
}

export function kerasUnusedNorm({ file }: FindingContext): SourceFinding[] {
  if (!file.text.includes("BatchNormalization") || /\bgetattr\(|__dict__|\bvars\(|\bexec\(/.test(file.text)) return [];
  return classesIn(file.module.body)
    .filter((cls) => isKerasClass(file, cls) && functionsIn(cls.body).some(({ name }) => name === "call"))
    .flatMap((cls) => storedNorms(file, cls))
    .filter(({ name }) => !isNamedAgain(file, name))
    .map((stored) => describe(file, stored));
}

const isKerasClass = (file: SourceFile, cls: ClassStatement): boolean =>
  cls.arguments.some(({ value }) =>
    /(^|\.)keras\.(src\.)?(\w+\.)*(Layer|Model)$/.test(fullPath(value, namesOf(file).imports) ?? ""),
  );

/** `self.bn = BatchNormalization(…)` in `__init__` or `build`. */
const storedNorms = (file: SourceFile, cls: ClassStatement): Stored[] =>
  functionsIn(cls.body)
    .filter(({ name }) => /^(__init__|build)$/.test(name))
    .flatMap((method) => assignmentsIn(method.body))
    .flatMap(({ targets: [target, ...others], value }) => {
      const name = others.length === 0 && target !== undefined ? ownName(target) : null;
      return name !== null && value.kind === "call" && isNorm(file, value) ? [{ name, made: value }] : [];
    });

const isNorm = (file: SourceFile, { callee }: CallExpression): boolean =>
  /(^|\.)keras\.(\w+\.)*BatchNormalization$/.test(fullPath(callee, namesOf(file).imports) ?? "");

function ownName(target: Expression): string | null {
  const isOwn = target.kind === "attribute" && target.object.kind === "name" && target.object.name === "self";
  return isOwn ? target.name : null;
}

/** Read anywhere in the file, by whatever object, or said in a string. */
function isNamedAgain(file: SourceFile, name: string): boolean {
  const stored = new Set<Expression>(assignmentsIn(file.module.body).flatMap(({ targets }) => targets));
  return (
    attributesIn(file.module.body).some((attribute) => attribute.name === name && !stored.has(attribute)) ||
    stringsIn(file.module.body).some(({ value }) => value === name)
  );
}

const describe = (file: SourceFile, { name, made }: Stored): SourceFinding =>
  findingOf({
    rule: "norm-unused",
    layers: [],
    expression: rangeOf({ file }, made),
    verdict: `self.${name} is created but never called.`,
    evidence:
      `This file names it once, where it is made, so call() does not reach it. Keras makes γ, β and the 2 moving ` +
      "statistics of a layer at its first call, so the model has no such weights.",
    next: `Call self.${name} in call(), or delete it.`,
  });
