// Run child processes: bounded in time, with output shown, kept, or both, and without leftover processes.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] replaces the environment
 * @property {'inherit' | 'capture' | 'tee'} [output] shown, kept, or both; default 'inherit'
 * @property {number} [timeoutMs] after it the child and its children are killed; default 15 minutes
 *
 * @typedef {object} RunResult
 * @property {number} code 0 is success; 124 after a timeout, 128 after a signal, 127 when it could not start
 * @property {string} output stdout and stderr as they came, empty with 'inherit'
 * @property {number} elapsedMs
 */

const DEFAULT_TIMEOUT_MS = 15 * 60_000;
/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set();

/**
 * Run a command to its end. Never rejects: what went wrong is in `code` and `output`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(command, args, { cwd, env, output = "inherit", timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
  const started = Date.now();
  return new Promise((resolve) => {
    let text = "";
    let timedOut = false;
    // A separate group, so that a timeout reaches grandchildren too.
    const child = spawn(command, [...args], {
      cwd,
      env: env ?? process.env,
      stdio: ["ignore", output === "inherit" ? "inherit" : "pipe", output === "inherit" ? "inherit" : "pipe"],
      detached: process.platform !== "win32",
    });
    alive.add(child);
    const keep = (/** @type {NodeJS.WriteStream} */ to) => (/** @type {Buffer} */ chunk) => {
      text += chunk;
      if (output === "tee") to.write(chunk);
    };
    child.stdout?.on("data", keep(process.stdout));
    child.stderr?.on("data", keep(process.stderr));
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child, "SIGKILL");
    }, timeoutMs);
    const finish = (/** @type {number} */ code) => {
      clearTimeout(timer);
      alive.delete(child);
      if (timedOut) text += `\n${command} was stopped: no end within ${Math.round(timeoutMs / 1000)} s.\n`;
      if (timedOut && output !== "capture") console.error(text.split("\n").at(-2));
      resolve({ code: timedOut ? 124 : code, output: text, elapsedMs: Date.now() - started });
    };
    child.once("error", (error) => {
      text += `${command} could not be started: ${error.message}\n`;
      if (output !== "capture") console.error(`${command} could not be started: ${error.message}`);
      finish(127);
    });
    child.once("close", (code) => finish(code ?? 128));
  });
}

/**
 * Run a command that must succeed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export async function runOrThrow(command, args, options = {}) {
  const result = await run(command, args, options);
  if (result.code === 0) return result;
  const shown = [path.basename(command), ...args].join(" ");
  throw new Error(`${shown} ended with code ${result.code}.\n${result.output}`.trimEnd());
}

/**
 * The first of these names that is an executable on PATH.
 * @param {...string} names
 * @returns {string | undefined} its absolute path
 */
export function which(...names) {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter(Boolean);
  const suffixes = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const name of names) {
    for (const folder of folders) {
      for (const suffix of suffixes) {
        const candidate = path.join(folder, name + suffix);
        if (isExecutable(candidate)) return candidate;
      }
    }
  }
  return undefined;
}

/**
 * Make a child die with us even when we are killed with SIGKILL, where the system can (Linux, util-linux).
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[string, string[]]}
 */
export function dyingWithParent(command, args) {
  const setpriv = process.platform === "linux" ? which("setpriv") : undefined;
  return setpriv ? [setpriv, ["--pdeathsig", "TERM", command, ...args]] : [command, [...args]];
}

/**
 * Signal a child started with `detached: true` together with its own children.
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
export function killGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has already gone.
  }
}

/** @param {string} file */
function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

// Ctrl-C reaches only our own group; the children sit in theirs.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    for (const child of alive) killGroup(child, signal);
    // Whoever else listens (a server being stopped) ends the process in its own time.
    if (process.listenerCount(signal) === 1) process.exit(130);
  });
}
process.on("exit", () => {
  for (const child of alive) killGroup(child, "SIGTERM");
});
