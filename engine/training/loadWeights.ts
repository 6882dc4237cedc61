/** The weights of a safetensors file into a session. */
import { readFileSync } from "node:fs";
import { ProblemError } from "../protocol/problems";
import { decodeSafetensors } from "../runs/safetensors";
import type { TrainingSession } from "./session";
import { loadStateDict } from "./stateDict";

/** Throws a ProblemError when the file cannot be read or contains another model's weights. */
export function loadWeights(session: TrainingSession, path: string): void {
  const decoded = decodeSafetensors(readBytes(path));
  if ("malformed" in decoded) throw new ProblemError({ code: "data-malformed", path, detail: decoded.malformed });
  const misfit = loadStateDict(session, decoded.tensors);
  if (misfit !== null) throw new ProblemError({ code: "weights-mismatch", path, detail: misfit });
}

/** Throws a ProblemError. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ProblemError({
      code: "file-unreadable",
      path,
      detail: (error as NodeJS.ErrnoException).code ?? "unknown error",
    });
  }
}
