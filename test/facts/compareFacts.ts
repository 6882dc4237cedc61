/**
 * Compares the reader with facts about public model files: what executing them gave. The files themselves are not part
 * of this repository; they are read out of local git snapshots, `<folder>/<owner>+<name>/`.
 *
 *   npx esbuild test/facts/compareFacts.ts --bundle --platform=node --outfile=out/compareFacts.js
 *   node out/compareFacts.js <facts.json> <folder>
 *
 * Ends with 1 when a result is wrong without saying so.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { batchNormLayers } from "../../engine/protocol/modelGraph";
import { momentumInFramework } from "../../engine/protocol/normalization";
import { readModelFile } from "../../engine/source/readModel";
import type { ModelReading } from "../../engine/source/modelReading";
import type { ResolveModule } from "../../engine/python/resolveModule";

interface Fact {
  readonly framework: string;
  readonly repo: string;
  readonly path: string;
  readonly commit: string;
  readonly call: string;
  readonly params: number;
  /** Keras only: without moving means and variances. `params` is `count_params()`, which includes them. */
  readonly trainable_params?: number;
  readonly bn_num_features: readonly number[];
  readonly bn_names?: readonly string[];
  readonly bn_eps: readonly number[];
  readonly bn_momentum: readonly string[];
}

interface Comparison {
  readonly name: string;
  readonly parametersExact: boolean;
  readonly normsExact: boolean;
  readonly forwardTraced: boolean;
  readonly flagged: boolean;
  readonly silentlyWrong: boolean;
  readonly detail: string;
}

/** The files of one commit of a local repository. */
class Snapshot {
  private readonly paths: Set<string>;

  constructor(
    private readonly gitFolder: string,
    private readonly revision: string,
  ) {
    this.paths = new Set(git(gitFolder, "ls-tree", "-r", "--name-only", revision).split("\n"));
  }

  static open(folder: string, commit: string): Snapshot | null {
    const gitFolder = [".git", "repo/.git", "repo", ""]
      .map((inner) => join(folder, inner))
      .find((path) => existsSync(join(path, "HEAD")));
    if (gitFolder === undefined) return null;
    return new Snapshot(gitFolder, isCommit(gitFolder, commit) ? commit : "HEAD");
  }

  text(path: string): string | null {
    return this.paths.has(path) ? git(this.gitFolder, "show", `${this.revision}:${path}`) : null;
  }

  /** As engine/workspace finds modules in a folder. */
  readonly resolve: ResolveModule = ({ fromPath, module, level }) => {
    const folders = fromPath.split("/").slice(0, -1);
    const bases =
      level > 0
        ? [folders.slice(0, folders.length - level + 1)]
        : folders.map((_, index) => folders.slice(0, index)).concat([folders]);
    const found = new Set(
      bases.flatMap((base) => this.moduleIn([...base, ...module.split(".").filter(Boolean)].join("/")) ?? []),
    );
    const [path] = found;
    return found.size === 1 && path !== undefined ? { path, text: this.text(path) ?? "" } : null;
  };

  private moduleIn(path: string): string | null {
    return (
      [`${path === "" ? "" : `${path}/`}__init__.py`, `${path}.py`].find((candidate) => this.paths.has(candidate)) ??
      null
    );
  }
}

function git(gitFolder: string, ...args: string[]): string {
  return execFileSync("git", [`--git-dir=${gitFolder}`, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

function isCommit(gitFolder: string, commit: string): boolean {
  try {
    git(gitFolder, "cat-file", "-e", `${commit}^{commit}`);
    return true;
  } catch {
    return false;
  }
}

/** Differences between the batch normalizations that were read and those of the fact. */
function normDifferences(reading: ModelReading, fact: Fact): string[] {
  const norms = reading.graph === null ? [] : batchNormLayers(reading.graph);
  const distinct = (values: readonly (number | null)[]): string => [...new Set(values.map(String))].sort().join(",");
  const rows: readonly (readonly [string, string, string])[] = [
    ["num_features", norms.map((layer) => layer.op.numFeatures).join(","), fact.bn_num_features.join(",")],
    [
      "names",
      norms.map((layer) => layer.name).join(","),
      (fact.bn_names ?? norms.map((layer) => layer.name)).join(","),
    ],
    ["eps", distinct(norms.map((layer) => layer.op.epsilon)), distinct(fact.bn_eps)],
    [
      "momentum",
      distinct(norms.map((layer) => momentumInFramework(layer.op, reading.graph?.framework ?? "pytorch"))),
      distinct(fact.bn_momentum.map((text) => (text === "None" ? null : Number(text)))),
    ],
  ];
  return rows
    .filter(([, read, expected]) => read !== expected)
    .map(([what, read, expected]) => `${what} ${shorten(read)} instead of ${shorten(expected)}`);
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function compare(fact: Fact, snapshot: Snapshot): Comparison | null {
  const text = snapshot.text(fact.path);
  if (text === null) return null;
  const reading = readModelFile({ path: fact.path, text, model: fact.call, resolveModule: snapshot.resolve });
  const parameters = reading.graph?.parameters ?? null;
  const norms = normDifferences(reading, fact);
  const parametersExact = parameters === fact.params;
  const flagged = reading.graph === null || reading.unknowns.length > 0;
  const wrongNumber = parameters !== null && !parametersExact;
  const causes = [
    ...reading.unknowns.map(({ reason, range }) => `${range.path}:${range.startLine} ${reason}`),
    ...reading.problems.map((problem) => JSON.stringify(problem)),
  ];
  return {
    name: `${fact.repo} ${fact.path} ${fact.call}`,
    parametersExact,
    normsExact: norms.length === 0 && reading.graph !== null,
    forwardTraced: reading.graph !== null && reading.graph.outputs.length > 0 && !flagged,
    flagged,
    silentlyWrong: wrongNumber || (!flagged && (norms.length > 0 || !parametersExact)),
    detail: [wrongNumber ? `${parameters} parameters instead of ${fact.params}` : "", ...norms, ...causes.slice(0, 3)]
      .filter(Boolean)
      .join("\n      "),
  };
}

function percent(rows: readonly Comparison[], count: (row: Comparison) => boolean): string {
  const hits = rows.filter(count).length;
  return `${hits}/${rows.length} (${((100 * hits) / Math.max(1, rows.length)).toFixed(1)} %)`;
}

function main(factsPath: string, folder: string): void {
  const all = JSON.parse(readFileSync(factsPath, "utf8")) as Fact[];
  for (const framework of ["torch", "keras"])
    compareAll(
      framework,
      all.filter((fact) => fact.framework === framework),
      folder,
    );
}

function compareAll(framework: string, facts: readonly Fact[], folder: string): void {
  const snapshots = new Map<string, Snapshot | null>();
  const rows: Comparison[] = [];
  const missing: string[] = [];
  for (const fact of facts) {
    const key = `${fact.repo}@${fact.commit}`;
    if (!snapshots.has(key)) snapshots.set(key, Snapshot.open(join(folder, fact.repo.replace("/", "+")), fact.commit));
    const snapshot = snapshots.get(key) ?? null;
    const row = snapshot === null ? null : compare(fact, snapshot);
    if (row === null) missing.push(`${fact.repo} ${fact.path} ${fact.call}`);
    else rows.push(row);
  }
  for (const row of rows.filter((candidate) => candidate.flagged || candidate.silentlyWrong || !candidate.normsExact)) {
    console.log(
      `${row.silentlyWrong ? "WRONG " : row.parametersExact && row.normsExact ? "forward" : "flagged"} ` +
        `${row.name}\n      ${row.detail}`,
    );
  }
  for (const name of missing) console.log(`absent  ${name}`);
  console.log(`${framework}\ncompared           ${rows.length} of ${facts.length}`);
  console.log(`parameters exact   ${percent(rows, (row) => row.parametersExact)}`);
  console.log(`BN lists exact     ${percent(rows, (row) => row.normsExact)}`);
  console.log(`forward traced     ${percent(rows, (row) => row.forwardTraced)}`);
  console.log(`flagged            ${percent(rows, (row) => row.flagged)}`);
  console.log(`silently wrong     ${percent(rows, (row) => row.silentlyWrong)}`);
  if (rows.some((row) => row.silentlyWrong)) process.exitCode = 1;
}

const [factsPath, folder = process.env["NORMLENS_SNAPSHOTS"]] = process.argv.slice(2);
if (factsPath === undefined || folder === undefined) {
  console.error("Usage: compareFacts <facts.json> <folder of snapshots>");
  process.exitCode = 2;
} else main(factsPath, folder);
