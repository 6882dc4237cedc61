/** What the text of a literal stands for, and whether Python takes its escape sequences. */

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

export function decodeString(content: string, prefix: string): string {
  const text = content.replace(/\r\n?/g, "\n");
  if (/r/i.test(prefix)) return text;
  return text.replace(/\\(\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/g, (whole, code: string) => {
    if (code === "\n") return "";
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8));
    if (/^[xuU]./.test(code)) return codePoint(parseInt(code.slice(1), 16), whole);
    return SIMPLE_ESCAPES[code] ?? whole;
  });
}

function codePoint(value: number, fallback: string): string {
  return value <= 0x10ffff ? String.fromCodePoint(value) : fallback;
}

/** An escape sequence, or a backslash that begins one that Python refuses. */
const ESCAPE =
  /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U(?:0010|000[\da-fA-F])[\da-fA-F]{4}|N\{[^{}\n]+\}|[^xuUN]|([xuUN]))/gs;

/** Whether every escape sequence of a literal is whole. */
export function areEscapesWhole(content: string, prefix: string): boolean {
  if (/r/i.test(prefix) || !content.includes("\\")) return true;
  const isBytes = /b/i.test(prefix);
  for (const [, broken] of content.matchAll(ESCAPE))
    if (broken !== undefined && (!isBytes || broken === "x")) return false;
  return true;
}

/** Bytes are written in ASCII. */
export const isAscii = (content: string): boolean => !/[^\0-\x7f]/.test(content);
