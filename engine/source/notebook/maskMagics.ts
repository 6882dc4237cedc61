/**
 * IPython's additions to Python, made comments of the same length so that every position stays. Only a line that
 * begins a statement can be one: `%` also continues an expression, and strings may contain anything. Pure.
 */

/** Cell magics whose cell is Python all the same. */
const PYTHON_CELL_MAGIC = /^%%(?:time|timeit|prun|capture|python3?|debug|memit|mprun)\b/;

/** `%magic`, `!command`, `?name`, `name?`, and `files = !ls` or `out = %magic`, in a line that begins a statement. */
const MAGIC = /^\s*(?:[%!?]|%{0,2}[\w.*]+(?:\[[\w.]+\])?\?{1,2}\s*$|[\w., ]+=\s*[!%])/;

/** Magics and commands that need no sign in a cell of one line, before what can't continue a name in Python. */
const AUTOMAGIC = new RegExp(
  "^\\s*(?:alias|autoreload|bookmark|cat|cd|conda|config|cp|edit|env|less|load|load_ext|ls|ll|mamba|man|" +
    "matplotlib|mkdir|more|mv|pip|precision|prun|pushd|pycat|pylab|reload_ext|rm|rmdir|run|save|set_env|" +
    "store|time|timeit|uv|xdel)[ \\t]+(?!(?:and|for|if|in|is|not|or)\\b)(?:[\\w~\"'$]|\\.*/|\\.\\.|-{1,2}\\w)",
);

export function maskMagics(cell: string): string {
  const lines = dedented(linesOf(cell));
  const code = lines.filter((line) => line.trim() !== "");
  const [first = ""] = code;
  const isForeign = /^\s*%%/.test(first) && !PYTHON_CELL_MAGIC.test(first.trimStart());
  if (isForeign || (code.length === 1 && AUTOMAGIC.test(first))) return lines.map(leftOut).join("");
  const state: StatementState = { quote: null, depth: 0, isContinued: false };
  let continues = false;
  return lines
    .map((line) => {
      const isMagic = !continues && !isInside(state) && MAGIC.test(line);
      if (!isMagic && !continues) {
        advance(state, line);
        return line;
      }
      // A magic's own line may continue after a backslash, with any indent.
      const masked = continues ? leftOut(line) : commented(line);
      continues = /\\\s*$/.test(line);
      return masked;
    })
    .join("");
}

const linesOf = (cell: string): string[] => cell.split(/(?<=\r\n|\n|\r(?!\n))/);

/** A cell that is not read. */
export const leaveOut = (cell: string): string => linesOf(cell).map(leftOut).join("");

/**
 * IPython takes the indent of a cell's first line from every line. After a form feed Python counts columns anew, so
 * that every position stays.
 */
function dedented(lines: readonly string[]): readonly string[] {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const indent = /^[ \t]*/.exec(first)?.[0] ?? "";
  if (indent === "") return lines;
  return lines.map((line) => (line.startsWith(indent) ? `${indent.slice(1)}\f${line.slice(indent.length)}` : line));
}

/** A line of a cell in another language: an indent there belongs to no block. */
const leftOut = (line: string): string => line.replace(/^[^\r\n]/, "#");

/** A line that is indented stays a statement: it may be the only one of its block. */
function commented(line: string): string {
  const indent = /^\s*/.exec(line)?.[0].length ?? 0;
  const rest = line.slice(indent);
  if (rest === "") return line;
  if (indent === 0) return `#${rest.slice(1)}`;
  return line.slice(0, indent) + (/^.[\r\n]*$/.test(rest) ? `0${rest.slice(1)}` : `0#${rest.slice(2)}`);
}

interface StatementState {
  /** The quotes of a string that continues on the next line. */
  quote: string | null;
  /** Open brackets. */
  depth: number;
  isContinued: boolean;
}

const isInside = ({ quote, depth, isContinued }: StatementState): boolean => quote !== null || depth > 0 || isContinued;

/** Where the statement is after a line of Python. */
function advance(state: StatementState, line: string): void {
  const token = /\\[\s\S]|"""|'''|["'#()[\]{}]|[\r\n]+/g;
  state.isContinued = false;
  for (const { 0: text, index } of line.matchAll(token)) {
    if (state.quote !== null) {
      // A string with single quotes ends with its line at the latest.
      if (text === state.quote || (state.quote.length === 1 && /^[\r\n]/.test(text))) state.quote = null;
      else if (text.length === 3 && text.startsWith(state.quote)) state.quote = null;
    } else if (text === "#") return;
    else if (/^["']/.test(text)) state.quote = text;
    else if (/^[([{]$/.test(text)) state.depth++;
    else if (/^[)\]}]$/.test(text)) state.depth = Math.max(0, state.depth - 1);
    else if (text.startsWith("\\") && /^\s*$/.test(line.slice(index + 1))) state.isContinued = true;
  }
}
