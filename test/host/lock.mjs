// A lock between processes: a folder that only one of them can make, holding the owner's process id.
import fs from "node:fs";
import path from "node:path";
import { sleep } from "../../scripts/lib/timing.mjs";

const POLL_MS = 500;

/**
 * Do `work` while no other process does work under the same lock. A lock whose owner is gone is taken over.
 * @template T
 * @param {string} lockDir
 * @param {{ timeoutMs: number, onWait?: (owner: number) => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(lockDir, { timeoutMs, onWait }, work) {
  fs.mkdirSync(path.dirname(lockDir), { recursive: true });
  const deadline = Date.now() + timeoutMs;
  let told = false;
  while (!tryTake(lockDir)) {
    const owner = ownerOf(lockDir);
    if (owner !== undefined && !isAlive(owner)) {
      fs.rmSync(lockDir, { recursive: true, force: true });
      continue;
    }
    if (!told && owner !== undefined) onWait?.(owner);
    told ||= owner !== undefined;
    if (Date.now() > deadline)
      throw new Error(
        `Another process (${owner ?? "unknown"}) still holds ${lockDir}; remove that folder if it is stuck.`,
      );
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lockDir, { recursive: true, force: true });
  }
}

/** @param {string} lockDir */
function tryTake(lockDir) {
  try {
    fs.mkdirSync(lockDir);
  } catch {
    return false;
  }
  fs.writeFileSync(path.join(lockDir, "pid"), String(process.pid));
  return true;
}

/**
 * @param {string} lockDir
 * @returns {number | undefined} undefined in the moment between making the folder and writing the id
 */
function ownerOf(lockDir) {
  try {
    return Number(fs.readFileSync(path.join(lockDir, "pid"), "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
