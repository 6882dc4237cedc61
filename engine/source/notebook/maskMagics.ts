/**
 * IPython's additions to Python, made comments of the same length so that every position stays. Only a line that
 * begins a statement can be one: `%` also continues an expression, and strings may contain anything. Pure.
 */

/** Cell magics whose cell is Python all the same. */
const PYTHON_CELL_MAGIC = /^%%(?:time|timeit|prun|capture|python3?|debug|memit|mprun)\b/;

/** `%magic`, `!command`, `?name`, `name?`, and `files = !ls` or `out = %magic`, in a line that begins a statement. */
const MAGIC = /^\s*(?:[%!?]|%{0,2}[\w.*]+(?:\[[\w.]+\])?\?{1,2}\s*$|[\w., ]+=\s*[!%])/;

export function maskMagics(cell: string): string {
  const lines = cell.split(/(?<=\r\n|\n|\r(?!\n))/);
  const first = lines.findIndex((line) => line.trim() !== "");
  const isCellMagic = first >= 0 && (lines[first] ?? "").startsWith("%%");
  if (isCellMagic && !PYTHON_CELL_MAGIC.test(lines[first] ?? "")) return lines.map(leftOut).join("");
  const state: StatementState = { quote: null, depth: 0, isContinued: false };
  let isMagic = false;
  return lines
    .map((line) => {
      // A magic's own line may continue after a backslash.
      isMagic = isMagic ? true : !isInside(state) && MAGIC.test(line);
      if (!isMagic) {
        advance(state, line);
        return line;
      }
      isMagic = /\\\s*$/.test(line);
      return commented(line);
    })
    .join("");
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
