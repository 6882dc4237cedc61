/** Writes a file so that it is there as a whole or not at all. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { fileProblem } from "./fileProblem";

/**
 * Writes beside `path`, waits until the disk has it, and renames. Throws a ProblemError; then `path` is what it was
 * before.
 */
export function writeAtomically(path: string, bytes: Uint8Array): void {
  const partial = `${path}.partial`;
  try {
    const descriptor = openSync(partial, "w");
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, path);
  } catch (error) {
    discard(partial);
    throw fileProblem(path, error);
  }
}

/** What cannot be removed does not hide why it could not be written. */
function discard(partial: string): void {
  try {
    rmSync(partial, { force: true });
  } catch {
    return;
  }
}
