/** Constructor arguments that the same file writes out somewhere: `net = UNet(3, 1)` in its `main()` or its tests. */
import type { ModelCandidate } from "./candidates";
import { isLiteral } from "./literals";
import type { CallExpression } from "../python/expressions";
import type { SourceFile } from "../python/parse";

export interface CallSite {
  /** As it is written: `UNet(3, n_classes=1)`. */
  readonly expression: string;
  readonly line: number;
}

/**
 * The last call of a candidate that needs arguments and gets them all as literals; of several candidates, of the last
 * that has one.
 */
export function literalCall(file: SourceFile, candidates: readonly ModelCandidate[]): CallSite | null {
  const wanted = candidates
    .filter(({ kind, requires }) => kind === "class" && requires.length > 0)
    .map(({ name }) => name);
  if (wanted.length === 0) return null;
  const calls = callsOf(file.module.body, new Set(wanted));
  for (const name of [...wanted].reverse()) {
    const call = calls
      .filter(
        ({ callee, arguments: args }) =>
          callee.kind === "name" && callee.name === name && args.length > 0 && args.every(isLiteralArgument),
      )
      .at(-1);
    if (call !== undefined)
      return {
        expression: file.text.slice(call.from, call.to).replace(/\s*[\r\n]+\s*/g, " "),
        line: file.lines.position(call.from).line,
      };
  }
  return null;
}

function callsOf(root: unknown, names: ReadonlySet<string>): CallExpression[] {
  const found: CallExpression[] = [];
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    if ("kind" in value && value.kind === "call") {
      const call = value as CallExpression;
      if (call.callee.kind === "name" && names.has(call.callee.name)) found.push(call);
    }
    for (const child of Object.values(value).reverse()) if (typeof child === "object") pending.push(child);
  }
  return found;
}

function isLiteralArgument({ kind, value }: CallExpression["arguments"][number]): boolean {
  return (kind === "positional" || kind === "keyword") && isLiteral(value);
}
