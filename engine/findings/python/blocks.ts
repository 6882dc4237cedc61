/** The blocks of a function, as its statements follow each other in them. */
import type { Block, Statement } from "../../python/statements";

/** A block and those in it, without those of functions inside. */
export function blocksIn(block: Block): Block[] {
  return [block, ...block.flatMap((statement) => innerBlocks(statement).flatMap(blocksIn))];
}

function innerBlocks(statement: Statement): Block[] {
  switch (statement.kind) {
    case "if":
      return [...statement.branches.map(({ body }) => body), statement.otherwise];
    case "for":
    case "while":
    case "with":
      return [statement.body];
    default:
      return [];
  }
}
