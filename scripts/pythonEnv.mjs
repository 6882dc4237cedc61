// The Python environment of the tests of python/: made once in out/python, and again when what it is made of changes.
//   node scripts/pythonEnv.mjs       prepare it ahead of time
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inRepo } from "./lib/paths.mjs";
import { run, which } from "./lib/process.mjs";
import { fingerprint, readStamp, writeStamp } from "./lib/stamp.mjs";
import { formatDuration } from "./lib/timing.mjs";

/** @typedef {{ python: string } | { reason: string }} PythonEnv */

const REQUIREMENTS = inRepo("python", "requirements-test.txt");
const VENV = inRepo("out", "python", "venv");
const STAMP = path.join(VENV, ".normlens-stamp");
const INSTALL_TIMEOUT_MS = 30 * 60_000;

/** The packages of requirements-test.txt exist for these; the recorder itself needs Python 3.9. */
const NAMES = ["python3.11", "python3.12", "python3.13", "python3", "python"];
const OLDEST = [3, 11];

/** @returns {Promise<PythonEnv>} its Python, or why there is none */
export async function ensurePythonEnv() {
  const found = await findPython();
  if (found === null)
    return { reason: `there is no Python ${OLDEST.join(".")} or newer with venv (Debian: python3-venv)` };
  const wanted = wantedStamp(found);
  if (readStamp(STAMP) !== wanted) {
    const reason = await install(found.python);
    if (reason !== null) return { reason };
    writeStamp(STAMP, wanted);
  }
  return { python: venvPython() };
}

/** @returns {Promise<string | null>} the environment's Python where it is complete; nothing is installed */
export async function existingPythonEnv() {
  const found = await findPython();
  return found !== null && readStamp(STAMP) === wantedStamp(found) ? venvPython() : null;
}

/** @returns {Promise<{ python: string, version: string } | null>} one that can make environments */
export async function findPython() {
  for (const name of NAMES) {
    const python = which(name);
    if (python === undefined) continue;
    const program = "import ensurepip, venv, sys; print('.'.join(map(str, sys.version_info[:3])))";
    const { code, output } = await run(python, ["-c", program], { output: "capture", timeoutMs: 60_000 });
    const version = output.trim();
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (code === 0 && major === OLDEST[0] && minor >= (OLDEST[1] ?? 0)) return { python, version };
  }
  return null;
}

const wantedStamp = (/** @type {{ python: string, version: string }} */ { version }) =>
  fingerprint([REQUIREMENTS], `${version} ${VENV}`);

const venvPython = () =>
  process.platform === "win32" ? path.join(VENV, "Scripts", "python.exe") : path.join(VENV, "bin", "python");

/**
 * @param {string} python
 * @returns {Promise<string | null>} what failed
 */
async function install(python) {
  const started = Date.now();
  console.log("Installing the Python packages of the tests into out/python (1 to 5 minutes, 3 GB)");
  fs.rmSync(VENV, { recursive: true, force: true });
  const options = /** @type {const} */ ({ output: "capture", timeoutMs: INSTALL_TIMEOUT_MS });
  const made = await run(python, ["-m", "venv", VENV], options);
  if (made.code !== 0) return `no environment could be made: ${lastLine(made.output)}`;
  const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r", REQUIREMENTS];
  const installed = await run(venvPython(), args, options);
  if (installed.code !== 0) return `pip could not install their packages: ${lastLine(installed.output)}`;
  console.log(`Installed them (${formatDuration(Date.now() - started)})`);
  return null;
}

const lastLine = (/** @type {string} */ output) => output.trim().split("\n").at(-1) ?? "";

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const env = await ensurePythonEnv();
  console.log("python" in env ? path.relative(inRepo(), env.python) : `The tests of python/ can't run: ${env.reason}.`);
  process.exit("python" in env ? 0 : 1);
}
