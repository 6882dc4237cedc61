/** The code cells of a Jupyter notebook file: nbformat 4, and 3 with its worksheets. Pure. */
import type { Problem } from "../../protocol/problems";
import type { Outcome } from "../../protocol/requests";

/** A Python cell, as it is written. */
export interface NotebookCell {
  /** Its place among all cells of the notebook, from 1, as a person counts them. */
  readonly number: number;
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Notebook files. */
export const isNotebook = (path: string): boolean => /\.ipynb$/i.test(path);

/** The Python cells in their order; raw, Markdown and other languages' cells are left out. */
export function notebookCells(path: string, json: string): Outcome<readonly NotebookCell[]> {
  const malformed = (detail: string): Outcome<never> => ({
    ok: false,
    problem: { code: "notebook-malformed", path, detail } satisfies Problem,
  });
  const notebook = parsed(json);
  if (notebook === null) return malformed("its text is not a JSON object");
  const cells = cellsOf(notebook);
  if (cells === null) return malformed("it has no list of cells");
  const language = languageOf(notebook);
  const found: NotebookCell[] = [];
  for (const [index, cell] of cells.entries()) {
    if (!isObject(cell)) return malformed(`cell ${index + 1} is not an object`);
    if (cell["cell_type"] !== "code" || cellLanguage(cell, language) !== "python") continue;
    const text = textOf(cell["source"] ?? cell["input"]);
    if (text === null) return malformed(`cell ${index + 1} has no text`);
    found.push({ number: index + 1, text });
  }
  return { ok: true, value: found };
}

function parsed(json: string): Json | null {
  try {
    const value: unknown = JSON.parse(json.replace(/^\uFEFF/, ""));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function cellsOf(notebook: Json): readonly unknown[] | null {
  if (Array.isArray(notebook["cells"])) return notebook["cells"] as unknown[];
  const { worksheets } = notebook;
  if (!Array.isArray(worksheets)) return null;
  return worksheets.flatMap((sheet: unknown) =>
    isObject(sheet) && Array.isArray(sheet["cells"]) ? (sheet["cells"] as unknown[]) : [],
  );
}

/** Whether the notebook says that its kernel is one of Python 3. */
export const isPython3 = (json: string): boolean => runsPython3(parsed(json)?.["metadata"]);

/** The same of a notebook's metadata alone. */
export function runsPython3(metadata: unknown): boolean {
  const version = at(metadata, "language_info", "version") ?? at(metadata, "kernelspec", "name");
  return typeof version === "string" && /^3\.|python3/.test(version);
}

/** A notebook that does not say its language is Python's: most tools that write none are. */
function languageOf({ metadata }: Json): string {
  const language = at(metadata, "language_info", "name") ?? at(metadata, "kernelspec", "language");
  return typeof language === "string" ? pythonName(language) : "python";
}

/** Format 3 has it in the cell; VS Code writes it there when it differs from the notebook's. */
function cellLanguage({ language, metadata }: Json, notebookLanguage: string): string {
  const own = language ?? at(metadata, "vscode", "languageId");
  return typeof own === "string" ? pythonName(own) : notebookLanguage;
}

/** `ipython`, `python3`. */
const pythonName = (language: string): string =>
  /^i?python[23]?$/i.test(language) ? "python" : language.toLowerCase();

function at(value: unknown, ...keys: readonly string[]): unknown {
  let current = value;
  for (const key of keys) current = isObject(current) ? current[key] : undefined;
  return current;
}

/** One string, or its lines with their ends. */
function textOf(source: unknown): string | null {
  if (typeof source === "string") return source;
  return Array.isArray(source) && source.every((line) => typeof line === "string") ? source.join("") : null;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
