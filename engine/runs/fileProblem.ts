/** From what the operating system says to a problem a person can act on. */
import { ProblemError } from "../protocol/problems";

/** Wraps an error of a write to `path`; a ProblemError passes through. */
export function fileProblem(path: string, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
  if (code === "ENOSPC" || code === "EDQUOT") return new ProblemError({ code: "disk-full", path });
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return new ProblemError({ code: "read-only", path });
  return new ProblemError({ code: "write-failed", path, detail: code });
}
