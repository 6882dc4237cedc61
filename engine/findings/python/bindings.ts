/** Statements that give a value one name, with the statement after them: `x = self.conv(x)`. */
import type { Expression } from "../../python/expressions";
import type { AssignStatement, Block, Statement } from "../../python/statements";
import { isDefinition, nodesOf } from "../../python/walk";

export interface Binding {
  readonly name: string;
  readonly value: Expression;
  readonly next: Statement;
}

export function bindingsIn(body: Block): Binding[] {
  return blocksOf(body).flatMap((block) =>
    block.flatMap((statement, index): Binding[] => {
      const next = block[index + 1];
      if (statement.kind !== "assign" || statement.targets.length !== 1 || next === undefined) return [];
      const [target] = statement.targets;
      return target?.kind === "name" ? [{ name: target.name, value: statement.value, next }] : [];
    }),
  );
}

function blocksOf(body: Block): Block[] {
  return [body, ...body.flatMap(blocksBelow)];
}

const SIMPLE: ReadonlySet<Statement["kind"]> = new Set([
  "assign",
  "expression",
  "import",
  "importFrom",
  "return",
  "pass",
]);

/** Definitions outlive an edit below them. */
const known = new WeakMap<Statement, readonly Block[]>();

function blocksBelow(statement: Statement): readonly Block[] {
  const before = known.get(statement);
  if (before !== undefined) return before;
  if (SIMPLE.has(statement.kind)) return [];
  const blocks: Block[] = [];
  if (isDefinition(statement)) known.set(statement, blocks);
  for (const node of nodesOf(statement)) {
    if (
      node.kind === "function" ||
      node.kind === "for" ||
      node.kind === "while" ||
      node.kind === "with" ||
      node.kind === "class"
    )
      blocks.push(node.body);
    if (node.kind === "if") blocks.push(...node.branches.map((branch) => branch.body), node.otherwise);
  }
  return blocks;
}

/** `a, b = f(), g()` binds two names, each to its own value; `a, b = f()` binds both to one. */
export function assignedPairs({
  targets,
  value,
}: Pick<AssignStatement, "targets" | "value">): [Expression, Expression][] {
  return targets.flatMap((target): [Expression, Expression][] => {
    if (target.kind !== "sequence") return [[target, value]];
    const values = value.kind === "sequence" ? value.elements : null;
    return target.elements.flatMap((element, index): [Expression, Expression][] => {
      const own = values === null ? value : values[index];
      return own === undefined ? [] : [[element, own]];
    });
  });
}
