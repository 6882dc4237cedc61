// Read the part of VS Code's command line that @vscode/test-electron and this project use.
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Options that take their value as the next argument when it is not attached with "=". */
const VALUED = new Set([
  "extensionDevelopmentPath",
  "extensionTestsPath",
  "user-data-dir",
  "extensions-dir",
  "folder-uri",
  "file-uri",
  "enable-proposed-api",
  "disable-extension",
  "log",
  "locale",
  "profile",
]);

/**
 * @typedef {object} CodeCommandLine
 * @property {string | undefined} folder what to open
 * @property {string[]} developmentPaths
 * @property {string | undefined} testsPath
 * @property {string | undefined} userData
 * @property {string | undefined} extensions
 * @property {boolean} disableExtensions
 * @property {boolean} disableWorkspaceTrust every folder counts as trusted
 * @property {boolean} skipWelcome
 * @property {boolean} version
 */

/**
 * @param {readonly string[]} args without the executable
 * @returns {CodeCommandLine}
 */
export function parseCommandLine(args) {
  const { options, rest } = split(args);
  const last = (/** @type {string} */ name) => options.get(name)?.at(-1);
  const opened = last("folder-uri") ?? rest[0];
  const tests = last("extensionTestsPath");
  return {
    folder: opened === undefined ? undefined : toPath(opened),
    developmentPaths: (options.get("extensionDevelopmentPath") ?? []).map(toPath),
    testsPath: tests === undefined ? undefined : toPath(tests),
    userData: last("user-data-dir"),
    extensions: last("extensions-dir"),
    disableExtensions: options.has("disable-extensions"),
    disableWorkspaceTrust: options.has("disable-workspace-trust"),
    skipWelcome: options.has("skip-welcome"),
    version: options.has("version"),
  };
}

/** @param {readonly string[]} args */
function split(args) {
  /** @type {Map<string, string[]>} */
  const options = new Map();
  /** @type {string[]} */
  const rest = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    const [, name, attached] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name === undefined) {
      rest.push(argument);
      continue;
    }
    const next = args[index + 1];
    const takesNext = attached === undefined && VALUED.has(name) && next !== undefined && !next.startsWith("-");
    if (takesNext) index++;
    options.set(name, [...(options.get(name) ?? []), takesNext ? next : (attached ?? "")]);
  }
  return { options, rest };
}

/** @param {string} pathOrUri */
const toPath = (pathOrUri) => (pathOrUri.startsWith("file:") ? fileURLToPath(pathOrUri) : path.resolve(pathOrUri));
