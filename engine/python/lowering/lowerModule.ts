import type { SyntaxNode, Tree } from "@lezer/common";
import type { Expression } from "../expressions";
import type { Block, Comment, ModuleNode, Statement } from "../statements";
import { lowerExpression } from "./lowerExpression";
import { childrenOf, textOf, unsupported, type Lowering } from "./lowering";
import { lowerStatement } from "./lowerStatement";

/** Deeper nesting than this is not written by people, and would use up the JavaScript stack. */
const MAX_DEPTH = 200;

/** Lowers a lezer tree to NormLens's own syntax tree. */
export function lowerModule(tree: Tree, text: string): ModuleNode {
  const lowering = createLowering(text);
  const body = statementsOf(tree.topNode).flatMap((node) => lowerAgain(lowering, node));
  return { body, comments: commentsOf(tree, text) };
}

interface Lowered {
  readonly from: number;
  /**
   * The grammar is given a text in which some numbers are masked (parse.ts): equal trees may stand for other numbers.
   */
  readonly text: string;
  readonly statements: readonly Statement[];
}

/**
 * What stands before an edit keeps its trees when a file is parsed again, and then its statements too, the same
 * objects.
 */
const lowered = new WeakMap<Tree, Lowered>();

function lowerAgain(lowering: Lowering, node: SyntaxNode): readonly Statement[] {
  const { tree, from } = node;
  const text = textOf(lowering, node);
  const known = tree === null ? undefined : lowered.get(tree);
  if (known?.from === from && known.text === text) return known.statements;
  const statements = lowerStatement(lowering, node);
  if (tree !== null) lowered.set(tree, { from, text, statements });
  return statements;
}

function createLowering(text: string): Lowering {
  let depth = 0;
  const nested = <T>(lower: () => T, tooDeep: () => T): T => {
    if (depth >= MAX_DEPTH) return tooDeep();
    depth++;
    const result = lower();
    depth--;
    return result;
  };
  const lowering: Lowering = {
    text,
    expression: (node): Expression =>
      nested(
        () => lowerExpression(lowering, node),
        () => unsupported(node, "an expression nested too deeply"),
      ),
    block: (body): Block =>
      nested(
        () => lowerBlock(lowering, body),
        () => [unsupported(body, "a block nested too deeply")],
      ),
  };
  return lowering;
}

function lowerBlock(lowering: Lowering, body: SyntaxNode): Block {
  return statementsOf(body).flatMap((node) => lowerStatement(lowering, node));
}

function statementsOf(body: SyntaxNode): SyntaxNode[] {
  return childrenOf(body).filter(({ name }) => name !== ":");
}

function commentsOf(tree: Tree, text: string): Comment[] {
  const comments: Comment[] = [];
  tree.iterate({
    enter: (node) => {
      if (node.name === "Comment")
        comments.push({ text: text.slice(node.from, node.to), from: node.from, to: node.to });
    },
  });
  return comments;
}
