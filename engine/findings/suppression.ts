import type { SourceFile } from "../python/parse";
import type { SourceFinding } from "./sourceFinding";

/** `# normlens-ignore: bias-before-norm, norm-shared`, at the start of a comment or after another one. */
const IGNORE = /(?<!\S)#\s*normlens-ignore\s*:\s*([\w-]+(?:\s*,\s*[\w-]+)*)/gi;

/** Rule ids that a comment silences, by line. */
export function suppressions(file: SourceFile): ReadonlyMap<number, ReadonlySet<string>> {
  const lines = new Map<number, ReadonlySet<string>>();
  for (const comment of file.module.comments) {
    for (const match of comment.text.matchAll(IGNORE)) {
      const { line } = file.lines.position(comment.from);
      const rules = (match[1] ?? "").split(",").map((rule) => rule.trim());
      lines.set(line, new Set([...(lines.get(line) ?? []), ...rules]));
    }
  }
  return lines;
}

/** The comment counts on every line of the layer's expression: a long call has its comment where there is room. */
export function isSuppressed(
  { rule, expression, range }: SourceFinding,
  lines: ReadonlyMap<number, ReadonlySet<string>>,
): boolean {
  const last = Math.max(expression.endLine, range.endLine);
  for (let line = Math.min(expression.startLine, range.startLine); line <= last; line++)
    if (lines.get(line)?.has(rule) === true) return true;
  return false;
}
