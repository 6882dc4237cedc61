// Fingerprints: a step that is done leaves a stamp of what it was done from, and is not done again while that is
// unchanged.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

/**
 * @param {readonly string[]} files a missing file counts as empty
 * @param {string} [extra] counts too
 * @returns {string} a hash over names and contents
 */
export function fingerprint(files, extra = "") {
  const hash = createHash("sha256").update(extra);
  for (const file of files) {
    hash.update(path.basename(file)).update("\0");
    if (fs.existsSync(file)) hash.update(fs.readFileSync(file));
    hash.update("\0");
  }
  return hash.digest("hex");
}

/**
 * @param {string} file
 * @returns {string | undefined}
 */
export function readStamp(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : undefined;
}

/**
 * @param {string} file
 * @param {string} value
 */
export function writeStamp(file, value) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, value + "\n");
}
