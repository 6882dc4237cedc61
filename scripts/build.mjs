// Build the extension into dist/, and with --test the tests into out/.
//   node scripts/build.mjs [--production] [--test] [--watch]
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inRepo, root } from "./lib/paths.mjs";
import { formatDuration } from "./lib/timing.mjs";

/** @typedef {import('esbuild').BuildOptions} BuildOptions */

const NODE_TARGET = "node20";
/** @type {BuildOptions} */
const COMMON = { bundle: true, absWorkingDir: root, logLevel: "warning", loader: { ".wasm": "binary" } };
/** @type {BuildOptions} */
const NODE = { ...COMMON, platform: "node", format: "cjs", target: NODE_TARGET };

/** @type {BuildOptions} */
const BROWSER = { ...COMMON, platform: "browser", format: "iife", target: "es2022" };

/** What ships. A name is the file in dist/. */
const BUNDLES = /** @type {const} */ ({
  extension: "extension/extension.ts",
  engine: "engine/main.ts",
  kernelWorker: "engine/training/threads/kernelWorker.ts",
  cli: "engine/cli.ts",
  webview: "webview/main.ts",
  report: "webview/report/main.ts",
});

/** What ships, in dist/. */
export const BUNDLE_FILES = [...Object.keys(BUNDLES).map((name) => `${name}.js`), "webview.css", "report.css"];

/** The recorder, as files below python/ and below dist/python/: Python reads it from there. */
export const recorderFiles = () =>
  [".py", "py.typed"].flatMap((ending) => filesBelow("python/normlens", ending)).map((file) => file.slice(7));

/**
 * @param {{ production?: boolean, test?: boolean, watch?: boolean }} [options]
 */
export async function build({ production = false, test = false, watch = false } = {}) {
  const started = Date.now();
  await buildKernels();
  const configurations = [...productBundles(production), ...(test ? testBundles() : [])];
  if (test) fs.rmSync(inRepo("out", "test"), { recursive: true, force: true });
  const esbuild = await import("esbuild");
  if (watch) return watchAll(esbuild, configurations);
  await Promise.all(configurations.map((configuration) => esbuild.build(configuration)));
  fs.chmodSync(inRepo("dist", "cli.js"), 0o755);
  copyRecorder();
  checkBundles();
  console.log(`Built ${sizes()} (${formatDuration(Date.now() - started)})`);
}

/** The numeric kernels are AssemblyScript; their own build decides whether anything has changed. */
async function buildKernels() {
  const script = inRepo("engine", "nn", "kernels", "build.mjs");
  if (!fs.existsSync(script)) return;
  const kernels = await import(pathToFileURL(script).href);
  await kernels.buildKernels();
}

/**
 * @param {boolean} production smaller, without source maps
 * @returns {BuildOptions[]}
 */
function productBundles(production) {
  const missing = Object.values(BUNDLES).filter((entry) => !fs.existsSync(inRepo(entry)));
  if (missing.length > 0) throw new Error(`Missing entry points: ${missing.join(", ")}`);
  const mode = { minify: production, sourcemap: !production };
  return [
    { ...NODE, ...mode, entryPoints: [BUNDLES.extension], outfile: "dist/extension.js", external: ["vscode"] },
    { ...NODE, ...mode, entryPoints: [BUNDLES.engine], outfile: "dist/engine.js" },
    { ...NODE, ...mode, entryPoints: [BUNDLES.kernelWorker], outfile: "dist/kernelWorker.js" },
    { ...NODE, ...mode, entryPoints: [BUNDLES.cli], outfile: "dist/cli.js", banner: { js: "#!/usr/bin/env node" } },
    { ...BROWSER, ...mode, entryPoints: [BUNDLES.webview], outfile: "dist/webview.js" },
    // It goes into each report as it is, so it is always small.
    { ...BROWSER, minify: true, entryPoints: [BUNDLES.report], outfile: "dist/report.js" },
  ];
}

/** @returns {BuildOptions[]} */
function testBundles() {
  /** @type {BuildOptions} */
  const tests = { ...NODE, sourcemap: true, packages: "external", outbase: ".", outdir: "out" };
  const plain = ["test/unit", "test/conformance", "test/golden", "test/cli"].flatMap((folder) =>
    filesBelow(folder, ".test.ts"),
  );
  const integration = ["test/integration/index.ts", ...filesBelow("test/integration", ".test.ts")];
  return [
    // Texts of the extension go through `vscode.l10n`; unit tests run without an editor.
    { ...tests, entryPoints: plain, alias: { vscode: "./test/unit/support/vscodeStub.ts" } },
    { ...tests, entryPoints: integration, outbase: "test/integration", outdir: "out/integration" },
  ];
}

function copyRecorder() {
  fs.rmSync(inRepo("dist", "python"), { recursive: true, force: true });
  for (const file of recorderFiles()) {
    const target = inRepo("dist", "python", file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(inRepo("python", file), target);
  }
}

/**
 * @param {string} folder below the repository root
 * @param {string} ending
 * @returns {string[]} paths below the repository root
 */
function filesBelow(folder, ending) {
  if (!fs.existsSync(inRepo(folder))) return [];
  return fs
    .readdirSync(inRepo(folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name))
    .sort();
}

/**
 * Checks after the import rules what must not be inside a bundle, however it got there.
 * @type {{ file: string, forbidden: RegExp, reason: string }[]}
 */
const BUNDLE_RULES = [
  {
    file: "webview.js",
    forbidden: /(?<![.\w])require\(\s*["'`]|from\s*["']node:/,
    reason: "a webview has neither require() nor Node modules",
  },
  {
    file: "report.js",
    forbidden: /(?<![.\w])require\(\s*["'`]|from\s*["']node:|https?:\/\/(?!www\.w3\.org\/)/,
    reason: "a report makes no request",
  },
  { file: "report.js", forbidden: /<script/i, reason: "inside a page it would hide the end of the script" },
  { file: "engine.js", forbidden: /require\(\s*["'`]vscode["'`]\s*\)/, reason: "the engine runs without an editor" },
  { file: "cli.js", forbidden: /require\(\s*["'`]vscode["'`]\s*\)/, reason: "the command line runs without an editor" },
];

/** @param {(file: string) => string} [read] */
export function checkBundles(read = (file) => fs.readFileSync(inRepo("dist", file), "utf8")) {
  for (const { file, forbidden, reason } of BUNDLE_RULES) {
    const found = forbidden.exec(read(file));
    if (found) throw new Error(`dist/${file} contains ${found[0]}: ${reason}.`);
  }
}

function sizes() {
  const names = BUNDLE_FILES.filter((name) => fs.existsSync(inRepo("dist", name)));
  return names.map((name) => `${name} ${Math.ceil(fs.statSync(inRepo("dist", name)).size / 1024)} KB`).join(", ");
}

/**
 * @param {typeof import('esbuild')} esbuild
 * @param {BuildOptions[]} configurations
 */
async function watchAll(esbuild, configurations) {
  for (const configuration of configurations) {
    const context = await esbuild.context({ ...configuration, logLevel: "info" });
    await context.watch();
  }
  console.log("Watching. New test files and kernels are seen at the next start.");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const has = (/** @type {string} */ flag) => process.argv.includes(flag);
  try {
    await build({ production: has("--production"), test: has("--test"), watch: has("--watch") });
  } catch (error) {
    // esbuild has already printed its own errors, with their places.
    if (!(error instanceof Error && "errors" in error)) console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
