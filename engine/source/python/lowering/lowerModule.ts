import type { SyntaxNode, Tree } from "@lezer/common";
import type { Block, Comment, Expression, ModuleNode } from "../ast";
import { lowerExpression } from "./lowerExpression";
import { unsupported, type Lowering } from "./lowering";
import { lowerStatement } from "./lowerStatement";

/** Deeper nesting than this is not written by people, and would use up the JavaScript stack. */
const MAX_DEPTH = 200;

/** Lowers a lezer tree to NormLens's own syntax tree. */
export function lowerModule(tree: Tree, text: string): ModuleNode {
  const lowering = createLowering(text);
  return { body: lowering.block(tree.topNode), comments: commentsOf(tree, text) };
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
  const block: Block[number][] = [];
  for (let child = body.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== ":" && child.name !== "Comment") block.push(...lowerStatement(lowering, child));
  }
  return block;
}

function commentsOf(tree: Tree, text: string): Comment[] {
  const comments: Comment[] = [];
  tree.iterate({
    enter: (node) => {
      if (node.name === "Comment") comments.push({ text: text.slice(node.from, node.to), from: node.from, to: node.to });
    },
  });
  return comments;
}
