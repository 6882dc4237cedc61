/** Reads and interprets the model file a command names. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type LineWords, ProblemError } from "../protocol/problems";
import { readModelFile } from "../source/readModel";
import type { ModelReading } from "../source/modelReading";
import { readLikelyModel } from "../source/everyModel";
import { decodeSource } from "../source/sourceText";
import { callersFrom, importsFrom, settingsFrom } from "./importsFrom";
import type { ModelOptions } from "./sharedOptions";

export interface ReadFile {
  readonly reading: ModelReading;
  readonly lineWords: LineWords;
}

/**
 * Of a file whose models all need arguments, with `isAssumed` one with likely ones. Throws a ProblemError when the file
 * cannot be read, or is nothing that could be.
 */
export function readForCommand(path: string, { model, input }: ModelOptions, isAssumed = false): ReadFile {
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
  const source = decodeSource(path, bytes);
  if (!source.ok) throw new ProblemError(source.problem);
  const { text, lineWords } = source.value;
  const asked = {
    path,
    text,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    resolveModule: importsFrom(path),
    callers: callersFrom(path),
    readSettings: settingsFrom(path),
    ...(model === undefined ? {} : { model }),
    ...(input === undefined ? {} : { inputs: input }),
  };
  const reading = readModelFile(asked);
  const needsArguments = isAssumed && model === undefined && reading.graph === null && reading.file !== null;
  const likely = needsArguments && reading.syntaxErrors.length === 0 ? readLikelyModel(asked, reading.file) : null;
  return { reading: likely ?? reading, lineWords };
}
