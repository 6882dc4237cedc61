/** What a piece of a file stands in. */
import type { Span } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { ClassStatement, FunctionStatement } from "../../python/statements";
import { classesIn, functionsIn } from "../../python/walk";

/** The innermost function around a place; null at the file's own level. */
export const functionAround = (file: SourceFile, span: Span): FunctionStatement | null =>
  innermost(functionsIn(file.module.body), span);

export const classAround = (file: SourceFile, span: Span): ClassStatement | null =>
  innermost(classesIn(file.module.body), span);

export const isInside = (inner: Span, outer: Span): boolean => outer.from <= inner.from && inner.to <= outer.to;

function innermost<T extends Span>(nodes: readonly T[], span: Span): T | null {
  return nodes.filter((node) => node !== span && isInside(span, node)).at(-1) ?? null;
}
