/**
 * Which data format a file expects that something else has set: its users, in Keras's config file, a file that imports
 * it, or one that it imports.
 */
import { requestFrom } from "../../python/addedFolders";
import { importedNames } from "../../python/importedNames";
import { isLibrary } from "../../python/libraryNames";
import { parsePythonIfValid, type SourceFile } from "../../python/parse";
import type { ModuleSource } from "../../python/resolveModule";
import { nodesIn } from "../../python/walk";
import type { Machine } from "../interpreter/machine";
import { string } from "../interpreter/newValues";
import type { ReadModelInput } from "../modelReading";
import { kerasState } from "./kerasState";

const FORMAT = String.raw`^\(?[\w.]*\bimage_(?:dim_ordering|data_format)\(\)\s*`;
const IS_FIRST = new RegExp(`${FORMAT}(==\\s*["'](th|channels_first)|!=\\s*["'](tf|channels_last))["']`);
const IS_LAST = new RegExp(`${FORMAT}(==\\s*["'](tf|channels_last)|!=\\s*["'](th|channels_first))["']`);

/** A file that raises an error with `channels_last`, Keras's default, is for `channels_first`; so may others say. */
export function expectFormat(machine: Machine, file: SourceFile, input: ReadModelInput): void {
  const isKeras = file.text.includes("BatchNormalization") || machine.script === file.path;
  if (refusesLast(file) || (isKeras && isSetElsewhere(file, input)))
    kerasState(machine).settings.set("image_data_format", string("channels_first"));
}

function refusesLast({ module, text }: SourceFile): boolean {
  if (!/image_(dim_ordering|data_format)/.test(text)) return false;
  const says = (pattern: RegExp, { from, to }: { from: number; to: number }): boolean =>
    pattern.test(text.slice(from, to));
  return [...nodesIn(module.body)].some(
    (node) =>
      (node.kind === "assert" && says(IS_FIRST, node.test)) ||
      (node.kind === "if" && node.branches.some(({ test, body }) => body[0]?.kind === "raise" && says(IS_LAST, test))),
  );
}

type Format = "first" | "last" | null;

/** At a file's own level, so that it is set when the file is imported or run. */
const SETS =
  /^(?:\w+\.)*set_image_(?:data_format|dim_ordering)\(\s*(?:\w+\s*=\s*)?["'](th|tf|channels_first|channels_last)["']/m;
const CONFIGURED = /"image_(?:data_format|dim_ordering)"\s*:\s*"(th|tf|channels_first|channels_last)"/;

const formatIn = (text: string, pattern: RegExp): Format => {
  const [, said] = pattern.exec(text) ?? [];
  return said === undefined ? null : said === "th" || said === "channels_first" ? "first" : "last";
};

/** `(224, 224, 3)`, `(None, None, 1)`, `(rows, cols, 3)`: the file itself means another format. */
const LAST_SHAPE = /\(\s*(?:\d{2,}|None|[a-z_]\w*)\s*,\s*(?:\d{2,}|None|[a-z_]\w*)\s*,\s*[134]\s*\)/i;

/** Every file that imports this one says so, or one that it imports, or the project's config file. */
function isSetElsewhere(file: SourceFile, { resolveModule, readSettings, callers }: ReadModelInput): boolean {
  const { text } = file;
  if (/set_image_(data_format|dim_ordering)/.test(text) || LAST_SHAPE.test(text)) return false;
  const importing = (one: SourceFile): Format => {
    const found = resolveModule == null ? [] : importedTexts(one).map((request) => resolveModule(request)?.text ?? "");
    return found.map((source) => formatIn(source, SETS)).find((format) => format !== null) ?? null;
  };
  const own = importing(file);
  if (own !== null) return own === "first";
  const users = callers?.() ?? [];
  const said = users.map((user) => formatOf(user, importing));
  if (said.some((format) => format !== null)) return said.every((format) => format === "first");
  const config = readSettings?.("keras.json", file.path) ?? readSettings?.(".keras/keras.json", file.path);
  return config != null && formatIn(config.text, CONFIGURED) === "first";
}

function formatOf({ path, text }: ModuleSource, importing: (file: SourceFile) => Format): Format {
  const own = formatIn(text, SETS);
  const file = own === null ? parsePythonIfValid(path, text) : null;
  return file === null ? own : importing(file);
}

const importedTexts = (file: SourceFile): ReturnType<typeof requestFrom>[] =>
  file.module.body.flatMap((statement) =>
    statement.kind === "import" || statement.kind === "importFrom"
      ? importedNames(statement).flatMap(({ loaded, module, level }) =>
          level === 0 && isLibrary(loaded) ? [] : [requestFrom(file, { module: level > 0 ? module : loaded, level })],
        )
      : [],
  );
