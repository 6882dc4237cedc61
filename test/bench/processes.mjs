// What the processes of VS Code and of the browser take, as Linux counts it.
import fs from "node:fs";

/** @param {string} word in a command line @returns {number[]} */
export function processesWith(word) {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word);
      } catch {
        return false; // It has ended.
      }
    })
    .map(Number);
}

/** @param {string} word in a command line @param {string} what it is */
function newest(word, what) {
  const id = Math.max(...processesWith(word));
  if (!Number.isFinite(id)) throw new Error(`No ${what} runs here.`);
  return id;
}

/** The process id of the newest extension host. */
export const extensionHost = () => newest("--type=extensionHost", "extension host");

/** The process id of the newest training that an extension host started. */
export const trainingProcess = () => newest("dist/engine.js", "training");

/** @param {number} pid @param {"VmRSS" | "VmHWM"} what */
export function memoryMb(pid, what) {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1] ?? NaN) / 1000;
}

/** Of all pages: the workbench and its webviews. */
export const renderersMb = () => processesWith("--type=renderer").reduce((sum, pid) => sum + memoryMb(pid, "VmRSS"), 0);

/** Processor time of a process's first thread so far, in milliseconds: in Node the one that runs JavaScript. */
export const mainThreadMs = (/** @type {number} */ pid) =>
  Number(fs.readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;

/** @param {readonly number[]} values @param {number} share @returns {number} */
export const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? NaN;
