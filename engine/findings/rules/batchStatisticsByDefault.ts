/**
 * `def forward(self, x, bn_training=True)` with `F.batch_norm(…, training=bn_training)`: eval() does not reach it, and
 * nobody who calls the network says False.
 */
import type { CallExpression } from "../../python/expressions";
import { parsePythonOnce, type SourceFile } from "../../python/parse";
import type { FunctionStatement } from "../../python/statements";
import { callsIn, dottedName } from "../../python/walk";
import { findingOf } from "../draft";
import { hasSpread, locateArgument } from "../python/arguments";
import { fullPath, namesOf } from "../python/constants";
import { functionAround } from "../python/enclosing";
import type { Project } from "../python/kerasNorms";
import type { SourceFinding } from "../sourceFinding";
import { functionalNorms } from "./functionalNorm";

/** More files than these may import it. */
const MOST_CALLERS = 4;

export function batchStatisticsByDefault(file: SourceFile, { callers }: Project): SourceFinding[] {
  if (!/\bbatch_norm\(/.test(file.text)) return [];
  return functionalNorms({ file, names: namesOf(file) }).flatMap((call) => {
    const flag = locateArgument(call, "training", 5)?.value;
    const fn = flag?.kind === "name" ? functionAround(file, call) : null;
    if (flag?.kind !== "name" || fn === null || !isOnByDefault(fn, flag.name)) return [];
    const position = fn.parameters.filter(({ name }) => name !== "self").findIndex(({ name }) => name === flag.name);
    const sources = callers();
    const others = sources.map(({ path, text }) => parsePythonOnce(path, text));
    const isSeen = sources.length > 0 && sources.length < MOST_CALLERS && others.every(isParsed);
    return isSeen && [file, ...others].every((one) => neverSaysFalse(one, flag.name, position))
      ? [describe(file, call, flag.name)]
      : [];
  });
}

const isParsed = ({ syntaxErrors }: SourceFile): boolean => syntaxErrors.length === 0;

const isOnByDefault = ({ parameters }: FunctionStatement, flag: string): boolean =>
  parameters.some(
    ({ name, defaultValue }) => name === flag && defaultValue?.kind === "constant" && defaultValue.value === true,
  );

/** No call in the file gives the flag anything but True, or has so many arguments that one of them may be it. */
function neverSaysFalse(file: SourceFile, flag: string, position: number): boolean {
  const { imports } = namesOf(file);
  return callsIn(file.module.body).every((call) => {
    const given = call.arguments.find((argument) => argument.kind === "keyword" && argument.name === flag)?.value;
    if (given !== undefined) return given.kind === "constant" && given.value === true;
    const isOther = OTHERS.test(fullPath(call.callee, imports) ?? dottedName(call.callee) ?? "");
    const count = call.arguments.filter(({ kind }) => kind === "positional").length;
    return isOther || (count <= position && !hasSpread(call));
  });
}

/** Functions of libraries and of Python, methods of tensors, and classes: not the function with the flag. */
const OTHERS = new RegExp(
  "^(torch|numpy|np|os|math|random|copy)\\.|(^|\\.)[A-Z]\\w*$|" +
    "\\.(view|reshape|expand|permute|repeat|transpose|new|size|format|add_module|add_argument)$|" +
    "^(print|range|zip|map|max|min|list|sum|isinstance|getattr|setattr|sorted|enumerate)$",
);

function describe(file: SourceFile, call: CallExpression, flag: string): SourceFinding {
  return findingOf({
    rule: "no-track-running-stats",
    severity: "information",
    layers: [],
    expression: file.lines.range(file.path, call),
    verdict: "This normalization uses the batch in evaluation too, as far as its callers show.",
    evidence:
      `${flag} is True unless a caller says otherwise, and none does; eval() does not reach it. The output for a ` +
      "sample depends on the other samples of its batch, and the running mean and variance are never used.",
    next: `Pass ${flag}=False in evaluation, or training=self.training here.`,
  });
}
