// Follow the newest run in a folder of runs and say in one line how it goes. Reads what is appended, as any viewer may.
import fs from "node:fs";
import path from "node:path";

/**
 * @typedef {object} RunProgress
 * @property {string} name
 * @property {number | undefined} steps how many there will be
 * @property {number} step
 * @property {number | null} loss
 * @property {number | undefined} accuracy on test samples, the latest measured, 0 to 1
 * @property {string | undefined} status set when the run has ended
 */

/** @type {RunProgress} */
export const NOTHING_YET = { name: "", steps: undefined, step: 0, loss: null, accuracy: undefined, status: undefined };

/**
 * Take one record of a run's `run.jsonl` into account.
 * @param {RunProgress} progress
 * @param {Record<string, any>} record
 * @returns {RunProgress}
 */
export function withRecord(progress, record) {
  switch (record["type"]) {
    case "run":
      return { ...progress, name: record["model"] ?? record["name"] ?? "", steps: record["config"]?.steps };
    case "step":
      return { ...progress, step: record["step"], loss: record["loss"] };
    case "eval":
      return { ...progress, accuracy: record["running"]?.accuracy ?? undefined };
    case "end":
      return { ...progress, status: record["status"] };
    default:
      return progress;
  }
}

/**
 * @param {RunProgress} progress
 * @returns {string} for example "step 200/2400  loss 0.41  accuracy 87.5 %"
 */
export function progressLine(progress) {
  const parts = [`step ${progress.step}${progress.steps ? `/${progress.steps}` : ""}`];
  if (progress.loss !== null) parts.push(`loss ${progress.loss.toPrecision(3)}`);
  if (progress.accuracy !== undefined) parts.push(`accuracy ${(progress.accuracy * 100).toFixed(1)} %`);
  return parts.join("  ");
}

/** Reads a run.jsonl as it grows; a line that is not complete yet is read again later. */
export class RunFollower {
  /** @type {RunProgress} */
  progress = NOTHING_YET;
  #file;
  #offset = 0;

  /** @param {string} file */
  constructor(file) {
    this.#file = file;
  }

  /** @returns {boolean} whether anything was new */
  readOn() {
    const added = readFrom(this.#file, this.#offset);
    const complete = added.subarray(0, added.lastIndexOf("\n") + 1);
    this.#offset += complete.length;
    for (const line of complete.toString("utf8").split("\n"))
      this.progress = withRecord(this.progress, parseRecord(line));
    return complete.length > 0;
  }
}

/**
 * @param {string} runsFolder
 * @param {number} sinceMs runs begun before this are somebody else's
 * @returns {string | undefined} the run.jsonl of the first run since then
 */
export function firstRunSince(runsFolder, sinceMs) {
  if (!fs.existsSync(runsFolder)) return undefined;
  return fs
    .readdirSync(runsFolder)
    .sort()
    .map((name) => path.join(runsFolder, name, "run.jsonl"))
    .find((file) => fs.existsSync(file) && fs.statSync(file).birthtimeMs >= sinceMs);
}

/** @param {string} line */
function parseRecord(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {}; // the extension reports bad records; here they only cost one line of progress
  }
}

/**
 * @param {string} file
 * @param {number} offset
 */
function readFrom(file, offset) {
  const size = fs.statSync(file).size;
  const buffer = Buffer.alloc(Math.max(0, size - offset));
  const handle = fs.openSync(file, "r");
  try {
    return buffer.subarray(0, fs.readSync(handle, buffer, 0, buffer.length, offset));
  } finally {
    fs.closeSync(handle);
  }
}
