// Install the packages that package-lock.json names, when that has not been done yet. Does nothing, quickly, otherwise.
import fs from "node:fs";
import { pathToFileURL } from "node:url";
import { inRepo, root } from "./lib/paths.mjs";
import { runOrThrow } from "./lib/process.mjs";
import { fingerprint, readStamp, writeStamp } from "./lib/stamp.mjs";
import { timed } from "./lib/timing.mjs";

const STAMP = inRepo("node_modules", ".normlens-stamp");

const LOCK = inRepo("package-lock.json");
const DEPENDENCY_FIELDS = ["dependencies", "devDependencies", "optionalDependencies", "overrides"];

export async function installPackages() {
  const wanted = dependencies();
  if (readStamp(STAMP) === wanted) return;
  if (!installedByHand()) {
    const work = () => runOrThrow("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root, output: "capture" });
    await timed("Installed packages", work);
  }
  writeStamp(STAMP, wanted);
}

/**
 * A fingerprint of what is to be installed. The rest of package.json (commands, settings) changes often and does not
 * count.
 */
function dependencies() {
  const manifest = JSON.parse(fs.readFileSync(inRepo("package.json"), "utf8"));
  return fingerprint([LOCK], JSON.stringify(DEPENDENCY_FIELDS.map((field) => manifest[field])));
}

/**
 * Whether a person has already run `npm install` for this very lock file: npm then leaves a copy of what it installed,
 * newer than the lock file. Saves a developer the reinstall that `npm ci` starts by deleting node_modules.
 */
function installedByHand() {
  const installed = inRepo("node_modules", ".package-lock.json");
  return fs.existsSync(installed) && fs.statSync(installed).mtimeMs >= fs.statSync(LOCK).mtimeMs;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await installPackages();
