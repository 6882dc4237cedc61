// Trains the models of models.json by the engine and by PyTorch, from the same first weights over the same batches, and
// compares losses, running statistics, keys and BN layers.
//   node test/compare/compareTraining.mjs              our own models
//   node test/compare/compareTraining.mjs <folder>     public ones too, out of git snapshots `<folder>/<owner>+<name>/`
// Executes the public model files: use it on sources you trust.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "../../scripts/build.mjs";
import { inRepo, root } from "../../scripts/lib/paths.mjs";
import { run } from "../../scripts/lib/process.mjs";
import { pythonWith } from "../../scripts/lib/python.mjs";

/**
 * @typedef {{ name: string, repo?: string, commit?: string, path: string, text?: string, own?: string, needs?: string,
 * model: string, input: number[], batch?: number, classes?: number, loss?: string, replace?: [string, string][] }}
 * Entry
 */
/** @typedef {import('../../scripts/lib/results.mjs').SuiteCounts} SuiteCounts */

const TIMEOUT_MS = 30 * 60_000;
const folder = inRepo("out", "compare");
const sources = path.join(folder, "sources");
const results = path.join(folder, "results");

/**
 * On a tree that is built. Null where PyTorch is not installed.
 * @param {string | null} snapshots
 * @returns {Promise<SuiteCounts | null>}
 */
export async function compareTraining(snapshots) {
  const python = await pythonWith("torch");
  if (python === null) return null;
  for (const made of [sources, results]) {
    fs.rmSync(made, { recursive: true, force: true });
    fs.mkdirSync(made, { recursive: true });
  }
  const entries = /** @type {Entry[]} */ (
    JSON.parse(fs.readFileSync(inRepo("test", "compare", "models.json"), "utf8"))
  );
  const compared = [];
  for (const entry of entries) {
    const missing = await missingFor(entry, snapshots);
    if (missing === null) compared.push(place(entry, snapshots));
    else console.log(`${entry.name.padEnd(22)} left out: ${missing}`);
  }
  const list = path.join(folder, "models.json");
  fs.writeFileSync(list, JSON.stringify(compared));
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: ["test/compare/trainOurs.ts"],
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node20",
    loader: { ".wasm": "binary" },
    outdir: folder,
    logLevel: "warning",
  });
  const ours = await run(process.execPath, [path.join(folder, "trainOurs.js"), list, results], {
    output: "capture",
    timeoutMs: TIMEOUT_MS,
  });
  if (ours.code !== 0) {
    console.error(ours.output);
    return {
      suite: "pytorch",
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: ["pytorch: the engine's half of the comparison failed"],
    };
  }
  const theirs = await run(python, [inRepo("test", "compare", "trainPyTorch.py"), list, results], {
    output: "tee",
    timeoutMs: TIMEOUT_MS,
  });
  const failures = theirs.output
    .split("\n")
    .filter((line) => line.includes("FAILED"))
    .map((line) => `pytorch: ${line.trim()}`);
  const agreed = Number(/^(\d+) agree, \d+ differ$/m.exec(theirs.output)?.[1] ?? 0);
  if (agreed + failures.length !== compared.length)
    failures.push(`pytorch: ended with code ${theirs.code} before all models were compared`);
  return { suite: "pytorch", passed: agreed, failed: failures.length, skipped: 0, failures };
}

/**
 * @param {Entry} entry
 * @param {string | null} snapshots
 * @returns {Promise<string | null>}
 */
async function missingFor({ repo, needs }, snapshots) {
  if (repo !== undefined && (snapshots === null || snapshotOf(snapshots, repo) === null))
    return `no snapshot of ${repo}`;
  return needs !== undefined && (await pythonWith(needs)) === null ? `${needs} is not installed` : null;
}

/**
 * @param {string} snapshots
 * @param {string} repo
 */
function snapshotOf(snapshots, repo) {
  const places = [".git", "repo/.git", "repo", ""].map((inner) => path.join(snapshots, repo.replace("/", "+"), inner));
  return places.find((candidate) => fs.existsSync(path.join(candidate, "HEAD"))) ?? null;
}

/**
 * Puts a model's file, with everything else of its commit, where both sides find it.
 * @param {Entry} entry
 * @param {string | null} snapshots
 */
function place(entry, snapshots) {
  const at = path.join(sources, (entry.repo ?? entry.name).replace(/\W+/g, "_"));
  const file = path.join(at, entry.path);
  if (entry.repo !== undefined && !fs.existsSync(at))
    writeCommit(snapshotOf(snapshots ?? "", entry.repo) ?? "", entry.commit ?? "HEAD", at);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (entry.own !== undefined) fs.copyFileSync(inRepo("test", "compare", "models", entry.own), file);
  if (entry.text !== undefined) fs.writeFileSync(file, entry.text);
  let text = fs.readFileSync(file, "utf8");
  for (const [from, to] of entry.replace ?? []) text = text.replaceAll(from, to);
  fs.writeFileSync(file, text);
  const { name, model, input, batch = 16, classes = 10, loss = "cross-entropy" } = entry;
  return { name, root: at, file, model, input, batch, classes, loss };
}

/**
 * File by file: some objects of a snapshot may be absent.
 * @param {string} git
 * @param {string} commit
 * @param {string} at
 */
function writeCommit(git, commit, at) {
  const names = execFileSync("git", [`--git-dir=${git}`, "ls-tree", "-r", "--name-only", commit], {
    encoding: "utf8",
  }).split("\n");
  for (const name of names.filter((candidate) => candidate.endsWith(".py"))) {
    fs.mkdirSync(path.dirname(path.join(at, name)), { recursive: true });
    fs.writeFileSync(
      path.join(at, name),
      execFileSync("git", [`--git-dir=${git}`, "show", `${commit}:${name}`], { maxBuffer: 1 << 28 }),
    );
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await build();
  const counts = await compareTraining(process.argv[2] ?? null);
  if (counts === null) console.log("PyTorch is not installed (Debian: python3-torch): nothing was compared.");
  process.exit(counts !== null && counts.failed > 0 ? 1 : 0);
}
