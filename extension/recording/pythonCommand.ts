/** Which script a command line of a terminal runs with Python. Pure: it follows no alias, variable or file. */

export interface PythonCommand {
  /** As it was written, relative to `directory` unless it is absolute. */
  readonly script: string;
  /** Where the command line itself changed to before; "" for the terminal's own directory. */
  readonly directory: string;
}

const PYTHON = /^(python|pythonw|py)[\d.]*(\.exe)?$/i;
const LAUNCHERS = /^(torchrun|accelerate|deepspeed)(\.exe)?$/i;
/** Words that run the rest of the command line. */
const PREFIXES: readonly (readonly string[])[] = [
  ["uv", "run"],
  ["poetry", "run"],
  ["pipenv", "run"],
  ["pdm", "run"],
  ["time"],
  ["nohup"],
  ["env"],
  ["sudo"],
  ["exec"],
];
/** Options of Python that take the next word as their value. */
const WITH_VALUE = new Set(["-W", "-X", "--check-hash-based-pycs"]);

/** The last script that the command line runs; null where it runs none that can be seen. */
export function pythonCommand(line: string): PythonCommand | null {
  let directory = "";
  let found: PythonCommand | null = null;
  for (const words of commandsOf(line)) {
    const [first, second] = words;
    if (first === "cd" && second !== undefined) directory = joined(directory, second);
    const script = scriptOf(withoutPrefixes(words));
    if (script !== null) found = { script, directory };
  }
  return found;
}

const isAbsolute = (path: string): boolean => /^([\\/]|[a-z]:)/i.test(path);
const joined = (before: string, next: string): string =>
  before === "" || isAbsolute(next) ? next : `${before.replace(/[\\/]+$/, "")}/${next}`;

/** Words of each command between `&&`, `;`, `|` and line ends. Quotes are taken off; a comment ends the line. */
function commandsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  const token = /"((?:[^"\\]|\\.)*)"|'([^']*)'|(&&|\|\||[;|&\n])|(\s+)|([^\s"';|&]+)/g;
  let word: string | null = null;
  const end = (): void => {
    if (word !== null) commands.at(-1)?.push(word);
    word = null;
  };
  for (const [text, double, single, operator, space] of line.matchAll(token)) {
    if (space !== undefined || operator !== undefined) end();
    if (operator !== undefined || (space?.includes("\n") ?? false)) commands.push([]);
    if (space !== undefined || operator !== undefined) continue;
    if (word === null && text.startsWith("#")) break;
    word = (word ?? "") + (double ?? single ?? text);
  }
  end();
  return commands;
}

function withoutPrefixes(words: readonly string[]): readonly string[] {
  let rest = words;
  for (;;) {
    const prefix = PREFIXES.find((names) => names.every((name, index) => rest[index] === name));
    // PowerShell runs a quoted program with `&`; a variable in front is set for this command.
    const isSetting = /^\w+=/.test(rest[0] ?? "");
    if (!prefix && !isSetting) return rest;
    rest = rest.slice(prefix?.length ?? 1);
  }
}

function scriptOf([program = "", ...words]: readonly string[]): string | null {
  const name = program.split(/[\\/]/).at(-1) ?? "";
  if (LAUNCHERS.test(name)) return words.find(isScript) ?? null;
  if (!PYTHON.test(name)) return null;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    // Code and modules are not files.
    if (/^-[A-Za-z]*[cm]$/.test(word)) return moduleLauncher(words.slice(index + 1));
    if (WITH_VALUE.has(word)) index += 1;
    else if (!word.startsWith("-")) return isScript(word) ? word : null;
  }
  return null;
}

/** `python -m torch.distributed.run … train.py`. */
const moduleLauncher = ([module = "", ...words]: readonly string[]): string | null =>
  /^(torch\.distributed\.(run|launch)|accelerate\.commands\.launch)$/.test(module)
    ? (words.find(isScript) ?? null)
    : null;

const isScript = (word: string): boolean => /\.pyw?$/i.test(word);

/** Whether the text of a script imports a framework that the recorder knows. What it imports otherwise is not read. */
export const importsFramework = (text: string): boolean =>
  /^[ \t]*(import|from)[ \t]+(torch|keras|tensorflow)\b/m.test(text) ||
  /^[ \t]*import[ \t].*,[ \t]*(torch|keras|tensorflow)\b/m.test(text);
