/** Reads and interprets the model file a command names. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ProblemError } from "../protocol/problems";
import { type ModelReading, readModelFile } from "../source/readModel";
import { importsFrom } from "./importsFrom";
import { type ParsedOptions, shapesOption, stringOption } from "./options";

/** Throws a ProblemError `file-unreadable` when the file cannot be read. */
export function readForCommand(path: string, values: ParsedOptions): { readonly reading: ModelReading; readonly text: string } {
  const bytes = (() => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new ProblemError({ code: "file-unreadable", path, detail: (error as NodeJS.ErrnoException).code ?? "unknown error" });
    }
  })();
  const model = stringOption(values, "model");
  const inputs = shapesOption(values, "input");
  const text = bytes.toString("utf8");
  const reading = readModelFile({
    path,
    text,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    resolveModule: importsFrom(path),
    ...(model === undefined ? {} : { model }),
    ...(inputs === undefined ? {} : { inputs }),
  });
  return { reading, text };
}
