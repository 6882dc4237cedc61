/** Texts that are in one file, so that rewording is one diff to review. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

/** Compares with the file, a path below the repository root; NORMLENS_UPDATE=1 writes the file first. */
export function checkSnapshot(file: string, text: string): void {
  if (process.env["NORMLENS_UPDATE"]) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, "utf8"));
}
