/** What follows an expression directly: calls, subscripts and attributes. */
import type { Argument, Expression, Span } from "../expressions";
import type { Cursor } from "./cursor";
import { beginsComprehension, parseComprehension } from "./parseAtom";

export function parseTrailers(cursor: Cursor, atom: Expression, from: number): Expression {
  return cursor.chain(
    atom,
    (left) => {
      if (cursor.isAt("(")) {
        const args = cursor.nested(() => parseArguments(cursor, true));
        return { kind: "call", callee: left, arguments: args, ...cursor.since(from) };
      }
      if (cursor.isAt("[")) {
        const index = cursor.nested(() => parseIndex(cursor));
        return { kind: "subscript", object: left, index, ...cursor.since(from) };
      }
      if (!cursor.skip(".")) return null;
      const name = parseAttributeName(cursor);
      return { kind: "attribute", object: left, name, ...cursor.since(from) };
    },
    from,
  );
}

const parseAttributeName = (cursor: Cursor): string => cursor.expectType("name").value;

/** The arguments of a call, or of a class definition, which takes no bare generator. */
export function parseArguments(cursor: Cursor, isCall: boolean): Argument[] {
  const { from } = cursor.expect("(");
  const args: Argument[] = [];
  while (!cursor.isAt(")")) {
    const begin = cursor.token;
    const argument = parseArgument(cursor);
    if (!mayFollow(args, argument)) cursor.fail(begin);
    if (argument.kind === "positional" && beginsComprehension(cursor)) {
      if (args.length > 0 || !isCall) cursor.fail();
      const value = parseComprehension(cursor, "generator", argument.value, null, from, ")");
      return [{ kind: "positional", value }];
    }
    args.push(argument);
    if (!cursor.skip(",")) break;
  }
  cursor.expect(")");
  return args;
}

function parseArgument(cursor: Cursor): Argument {
  if (cursor.skip("*")) return { kind: "star", value: cursor.rules.expression(cursor) };
  if (cursor.skip("**")) return { kind: "doubleStar", value: cursor.rules.expression(cursor) };
  if (!cursor.isType("name") || !cursor.isAhead(1, "="))
    return { kind: "positional", value: cursor.rules.namedExpression(cursor) };
  const { value: name, from } = cursor.take();
  cursor.take();
  const value = cursor.rules.expression(cursor);
  return { kind: "keyword", name, value, ...cursor.since(from) };
}

/** Positional arguments come before those with names, and `*list` before `**names`. */
function mayFollow(args: readonly Argument[], { kind }: Argument): boolean {
  if (kind === "positional") return args.every((other) => other.kind === "positional" || other.kind === "star");
  return kind !== "star" || args.every((other) => other.kind !== "doubleStar");
}

/** What stands between the brackets: an expression, a slice, or a tuple of both. */
function parseIndex(cursor: Cursor): Expression {
  cursor.take();
  const { from } = cursor.token;
  const first = parseIndexPart(cursor);
  const isTuple = cursor.isAt(",") || first.kind === "starred";
  const elements = [first];
  while (cursor.skip(",") && !cursor.isAt("]")) elements.push(parseIndexPart(cursor));
  const span: Span = cursor.since(from);
  cursor.expect("]");
  return isTuple ? { kind: "sequence", type: "tuple", elements, ...span } : first;
}

function parseIndexPart(cursor: Cursor): Expression {
  const { from } = cursor.token;
  const mayBeBound = !cursor.isAt("*") && !cursor.isAhead(1, ":=");
  const lower = cursor.isAt(":") ? null : cursor.rules.starredOrNamed(cursor);
  if (lower !== null && (!mayBeBound || !cursor.isAt(":"))) return lower;
  const bound = (): Expression | null =>
    cursor.isAt(":") || cursor.isAt(",") || cursor.isAt("]") ? null : cursor.rules.expression(cursor);
  cursor.take();
  const upper = bound();
  const step = cursor.skip(":") ? bound() : null;
  return { kind: "slice", lower, upper, step, ...cursor.since(from) };
}
