/** Text edits that set and remove annotations on one line, for CodeLens and quick fixes. */
import type { Directive, NormChoice } from "../../graph/directive";
import type { ModelDirective } from "./annotation";

export type AnnotationChange =
  | { readonly kind: "set"; readonly directive: Directive | ModelDirective }
  | { readonly kind: "remove" };

/** How a directive is written. */
export function directiveText(directive: Directive | ModelDirective): string {
  switch (directive.kind) {
    case "add":
      return directive.position === "after-layer" ? "add bn" : "add bn after-activation";
    case "remove":
      return "remove";
    case "use":
      return `use ${normText(directive.norm)}`;
    case "set":
      return `set ${directive.settings.map(({ name, value }) => `${name}=${value}`).join(" ")}`;
    case "frozen":
      return "frozen";
    case "minBatch":
      return `min-batch=${directive.samples}`;
    case "domain":
      return `domain=${directive.name}`;
    case "model": {
      const input =
        directive.inputs.length === 0 ? "" : ` input=${directive.inputs.map((shape) => shape.join("x")).join(",")}`;
      return `model ${directive.expression}${input}${directive.data === null ? "" : ` data=${directive.data}`}`;
    }
  }
}

/** As it is written after `use`. */
function normText(norm: NormChoice): string {
  switch (norm.name) {
    case "group":
      return `group(${norm.groups})`;
    case "ghost":
      return `ghost(${norm.samples})`;
    case "renorm":
      return norm.plainUpdates === undefined ? "renorm" : `renorm(${norm.plainUpdates})`;
    default:
      return norm.name;
  }
}

/**
 * The line with its annotation set or removed. Code and other comments stay as they are; removing what was set gives
 * the line back (without trailing blanks). A line that ends in a backslash cannot contain a comment and stays
 * unchanged.
 */
export function editAnnotation(lineText: string, change: AnnotationChange): string {
  const [, content = "", ending = ""] = /^(.*?)(\r?\n|\r)?$/s.exec(lineText) ?? [];
  const parts = splitAtAnnotation(content);
  if (change.kind === "remove") return parts === null ? lineText : joinWithout(parts) + ending;
  const annotation = `# normlens: ${directiveText(change.directive)}`;
  if (parts !== null) return `${parts.before}${annotation}${parts.after === "" ? "" : `  ${parts.after}`}${ending}`;
  const code = content.trimEnd();
  if (code.endsWith("\\") && commentStart(code) === null) return lineText;
  return `${code}${code.trim() === "" ? content.slice(code.length) : "  "}${annotation}${ending}`;
}

interface Parts {
  /** Up to the annotation's `#`. */
  readonly before: string;
  /** Another comment after the annotation, from its `#`. */
  readonly after: string;
}

function splitAtAnnotation(content: string): Parts | null {
  const start = commentStart(content);
  if (start === null) return null;
  const match = /(?<!\S)#\s*normlens\s*:[^#]*/i.exec(content.slice(start));
  if (match === null) return null;
  const from = start + match.index;
  return { before: content.slice(0, from), after: content.slice(from + match[0].length) };
}

function joinWithout({ before, after }: Parts): string {
  return after === "" ? before.trimEnd() : before + after;
}

/** Where the line's comment begins, or null: a `#` outside strings that begin and end on this line. */
function commentStart(content: string): number | null {
  let quote = "";
  for (let index = 0; index < content.length; index++) {
    const character = content.charAt(index);
    if (quote !== "") {
      if (character === "\\") index++;
      else if (content.startsWith(quote, index)) {
        index += quote.length - 1;
        quote = "";
      }
    } else if (character === "#") return index;
    else if (character === '"' || character === "'") {
      quote = content.startsWith(character.repeat(3), index) ? character.repeat(3) : character;
      index += quote.length - 1;
    }
  }
  return null;
}
