import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Compares a text with the one in `path` below test/unit; NORMLENS_UPDATE=1 writes it there instead. */
export function assertSnapshot(path: string, text: string): void {
  const file = join(process.cwd(), "test", "unit", path);
  if (process.env["NORMLENS_UPDATE"]) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, "utf8"));
}
