/** Reads and interprets the model file a command names. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type LineWords, ProblemError } from "../protocol/problems";
import { type ModelReading, readModelFile } from "../source/readModel";
import { decodeSource } from "../source/sourceText";
import { importsFrom } from "./importsFrom";
import { type ParsedOptions, shapesOption, stringOption } from "./options";

export interface ReadFile {
  readonly reading: ModelReading;
  /** What was read; of a notebook its Python cells, joined. */
  readonly text: string;
  readonly lineWords: LineWords;
}

/** Throws a ProblemError when the file cannot be read, or is nothing that could be. */
export function readForCommand(path: string, values: ParsedOptions): ReadFile {
  const bytes = (() => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new ProblemError({
        code: "file-unreadable",
        path,
        detail: (error as NodeJS.ErrnoException).code ?? "unknown error",
      });
    }
  })();
  const model = stringOption(values, "model");
  const inputs = shapesOption(values, "input");
  const source = decodeSource(path, bytes);
  if (!source.ok) throw new ProblemError(source.problem);
  const { text, lineWords } = source.value;
  const reading = readModelFile({
    path,
    text,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    resolveModule: importsFrom(path),
    ...(model === undefined ? {} : { model }),
    ...(inputs === undefined ? {} : { inputs }),
  });
  return { reading, text, lineWords };
}
