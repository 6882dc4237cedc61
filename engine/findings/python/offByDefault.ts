/** Code that runs only for those who ask for it: under an option that is False by default. */
import type { Expression, Span } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { callsIn, dottedName, functionsIn, nodesIn } from "../../python/walk";
import { onceAFile } from "../onceAFile";
import { classAround, functionAround, isInside } from "./enclosing";

/** Whether a place of the file is in such code, or in a function that nothing else calls. */
export function isOffByDefault(file: SourceFile, span: Span): boolean {
  return offByDefault(file).some((part) => isInside(span, part));
}

const offByDefault = onceAFile((file: SourceFile): readonly Span[] => {
  const branches = optionalBranches(file);
  const calls = callsIn(file.module.body);
  const functions = functionsIn(file.module.body).filter(({ name }) => {
    const own = calls.filter(({ callee }) => callee.kind !== "call" && dottedName(callee)?.split(".").at(-1) === name);
    return own.length > 0 && own.every((call) => branches.some((branch) => isInside(call, branch)));
  });
  return [...branches, ...functions];
});

/** Bodies of `if freeze_bn:` and `if self.freeze_bn:`, where a parameter of that name is False. */
function optionalBranches(file: SourceFile): Span[] {
  return [...nodesIn(file.module.body)].flatMap((node) => {
    if (node.kind !== "if") return [];
    return node.branches.flatMap(({ test, body }) => {
      const [first] = body;
      const last = body.at(-1);
      const isOff = optionsIn(test).some((name) => isFalse(file, name, node));
      return isOff && first !== undefined && last !== undefined ? [{ from: first.from, to: last.to }] : [];
    });
  });
}

/** `freeze_bn`, `self._freeze_bn`, also as one of several conditions. */
function optionsIn(test: Expression): string[] {
  if (test.kind === "boolean") return test.operator === "and" ? test.operands.flatMap(optionsIn) : [];
  const name = dottedName(test) ?? "";
  return /^(self\.)?\w+$/.test(name) ? [name.replace(/^self\._?/, "")] : [];
}

function isFalse(file: SourceFile, name: string, span: Span): boolean {
  const around = [functionAround(file, span), ...functionsIn(classAround(file, span)?.body ?? [])];
  const parameters = around.flatMap((one) => one?.parameters ?? []).filter((parameter) => parameter.name === name);
  return (
    parameters.length > 0 &&
    parameters.every(({ defaultValue }) => defaultValue?.kind === "constant" && defaultValue.value === false)
  );
}
