// Follow the newest run in a folder of runs and say in one line how it goes. Reads what is appended, as any viewer may.
import fs from "node:fs";
import path from "node:path";

/**
 * @typedef {object} RunProgress
 * @property {string} name
 * @property {number | undefined} steps how many there will be
 * @property {number} step
 * @property {number | null} loss on test samples, likewise
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
  const reached = Math.max(progress.step, record["step"] ?? 0);
  switch (record["type"]) {
    case "run":
      return { ...progress, name: record["model"] ?? record["name"] ?? "", steps: record["plannedSteps"] ?? undefined };
    case "eval": {
      const { accuracy, loss = null } = record["running"] ?? {};
      return { ...progress, step: reached, loss, accuracy: accuracy ?? undefined };
    }
    case "end":
      return { ...progress, step: reached, status: record["status"] };
    default:
      return { ...progress, step: reached };
  }
}

/**
 * @param {RunProgress} progress
 * @returns {string} for example "step 200/2400  test loss 0.410  accuracy 87.5 %"
 */
export function progressLine(progress) {
  const parts = [`step ${progress.step}${progress.steps ? `/${progress.steps}` : ""}`];
  if (progress.loss !== null) parts.push(`test loss ${progress.loss.toPrecision(3)}`);
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
    const before = this.progress.step;
    this.progress = withRecord(this.progress, { step: this.#stepByHeartbeat() });
    return complete.length > 0 || this.progress.step > before;
  }

  /** Between two records the sign of life says where the run is. */
  #stepByHeartbeat() {
    try {
      return JSON.parse(fs.readFileSync(path.join(path.dirname(this.#file), "heartbeat.json"), "utf8"))["step"] ?? 0;
    } catch {
      return 0; // none, or it is being written
    }
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
