// What the processes of VS Code and of the browser take, as Linux counts it.
import fs from "node:fs";

/** @param {string} word in a command line @returns {number[]} */
function processesWith(word) {
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

/** The process id of the newest extension host. */
export function extensionHost() {
  const newest = Math.max(...processesWith("--type=extensionHost"));
  if (!Number.isFinite(newest)) throw new Error("No extension host runs here.");
  return newest;
}

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
