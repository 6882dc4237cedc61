/** Ways to put a layer's constructor after another's. Each returns edits, or null where the code has another form. */
import type { SourceRange } from "../protocol/modelGraph";
import type { SourceFile } from "../python/parse";
import { appendStatement, attributeName, callAt, isElement, statementOf, textOf, type Placed } from "./syntax";
import { indentation, insertAt, isFirstInLine, lineBreak, lineEnd, restOfLine, type OffsetEdit } from "./textEdits";

/** An element of a Sequential or a list gets the new one as its neighbour, on a separate line if it has one. */
export function asSibling(file: SourceFile, placed: Placed, text: string): OffsetEdit[] | null {
  if (isElement(placed)) return siblingEdits(file, placed.call, text);
  // `("conv1", nn.Conv2d(…))` in a list of an OrderedDict.
  const [pair, list] = placed.around;
  if (
    pair?.kind !== "sequence" ||
    list?.kind !== "sequence" ||
    pair.elements.length !== 2 ||
    pair.elements[1] !== placed.call
  )
    return null;
  const [name] = pair.elements;
  if (name?.kind !== "string") return null;
  const quote = file.text.charAt(name.from);
  return siblingEdits(file, pair, `(${quote}${name.value}_bn${quote}, ${text})`);
}

function siblingEdits(
  file: SourceFile,
  element: { readonly from: number; readonly to: number },
  text: string,
): OffsetEdit[] {
  const rest = restOfLine(file.text, element.to);
  if (rest === null || !isFirstInLine(file.text, element.from)) return [insertAt(element.to, `, ${text}`)];
  const line = `${lineBreak(file.text)}${indentation(file.text, element.from)}${text}`;
  // The comment of the first line stays with it.
  return rest.comma !== null ? [insertAt(rest.end, `${line},`)] : [insertAt(element.to, ","), insertAt(rest.end, line)];
}

/** `layers.append(…)` gets a second one after it. */
export function asAppend(file: SourceFile, placed: Placed, text: string): OffsetEdit[] | null {
  const appended = appendStatement(placed);
  return appended === null ? null : [newLineAfter(file, appended.statement, `${appended.list}.append(${text})`)];
}

function newLineAfter(
  file: SourceFile,
  statement: { readonly from: number; readonly to: number },
  code: string,
): OffsetEdit {
  return insertAt(
    lineEnd(file.text, statement.to),
    `${lineBreak(file.text)}${indentation(file.text, statement.from)}${code}`,
  );
}

/**
 * `self.conv1 = …` gets a `self.conv1_bn = …` after it, and the call in `forward` is wrapped in a call of the new
 * layer.
 */
export function asAttribute(
  file: SourceFile,
  placed: Placed,
  text: string,
  wrapped: readonly SourceRange[],
): OffsetEdit[] | null {
  const attribute = attributeName(placed);
  const statement = statementOf(placed);
  if (
    attribute === null ||
    statement === null ||
    restOfLine(file.text, statement.to) === null ||
    !isFirstInLine(file.text, statement.from)
  )
    return null;
  const name = freeName(file, `${attribute}_bn`);
  const calls: OffsetEdit[] = [];
  for (const range of distinct(wrapped)) {
    const call = range.path === file.path ? callAt(file, range)?.call : undefined;
    if (call === undefined) return null;
    calls.push(insertAt(call.from, `self.${name}(`), insertAt(call.to, ")"));
  }
  return calls.length === 0 ? null : [newLineAfter(file, statement, `self.${name} = ${text}`), ...calls];
}

function freeName(file: SourceFile, wanted: string): string {
  let name = wanted;
  for (let count = 2; new RegExp(`\\b${name}\\b`).test(file.text); count++) name = `${wanted}${count}`;
  return name;
}

function distinct(ranges: readonly SourceRange[]): SourceRange[] {
  return [
    ...new Map(
      ranges.map((range) => [`${range.startLine}:${range.startColumn}:${range.endLine}:${range.endColumn}`, range]),
    ).values(),
  ];
}

/** Wherever the constructor stands, it and the new one make a Sequential. Names below it change. */
export function asSequential(file: SourceFile, placed: Placed, text: string, prefix: string): OffsetEdit[] {
  return [{ ...placed.call, newText: `${prefix}Sequential(${textOf(file, placed.call)}, ${text})` }];
}
