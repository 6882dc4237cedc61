/**
 * A baseline: the findings a project has today, so that a build fails on new ones only. A finding is recognised by its
 * file, its rule and the text of its line, so that it may move; as many as were recorded are left out.
 */
import { isAbsolute, relative, sep } from "node:path";
import * as v from "valibot";
import type { SourceFinding } from "../../findings/sourceFinding";
import type { LintedFile } from "./lintFile";

const baselineSchema = v.object({
  version: v.literal(1),
  findings: v.array(
    v.object({
      path: v.string(),
      rule: v.string(),
      line: v.string(),
      count: v.pipe(v.number(), v.integer(), v.minValue(1)),
    }),
  ),
});

export type Baseline = v.InferOutput<typeof baselineSchema>;

/** null when the text is no baseline. */
export function parseBaseline(text: string): Baseline | null {
  try {
    const parsed = v.safeParse(baselineSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** All findings of the files, in the order of paths. `root` is the folder that paths are relative to. */
export function baselineOf(files: readonly LintedFile[], root: string): Baseline {
  const entries = new Map<string, Baseline["findings"][number]>();
  for (const file of files) {
    for (const finding of file.findings) {
      const entry = entryOf(file, finding, root);
      const key = keyOf(entry);
      entries.set(key, { ...entry, count: (entries.get(key)?.count ?? 0) + 1 });
    }
  }
  return { version: 1, findings: [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry) };
}

export interface Compared {
  /** The files with their findings that the baseline does not have. */
  readonly files: readonly LintedFile[];
  readonly known: number;
  /** Recorded findings that no longer exist: the baseline can be written again. */
  readonly gone: number;
}

export function withoutBaseline(files: readonly LintedFile[], baseline: Baseline, root: string): Compared {
  const left = new Map(baseline.findings.map((entry) => [keyOf(entry), entry.count]));
  let known = 0;
  const remaining = files.map((file) => ({
    ...file,
    findings: file.findings.filter((finding) => {
      const key = keyOf(entryOf(file, finding, root));
      const count = left.get(key) ?? 0;
      if (count === 0) return true;
      left.set(key, count - 1);
      known++;
      return false;
    }),
  }));
  const looked = new Set(files.map(({ path }) => relativePath(path, root)));
  const gone = baseline.findings.reduce(
    (sum, entry) => sum + (looked.has(entry.path) ? (left.get(keyOf(entry)) ?? 0) : 0),
    0,
  );
  return { files: remaining, known, gone };
}

function entryOf(
  { path, lines }: LintedFile,
  { rule, range }: SourceFinding,
  root: string,
): Baseline["findings"][number] {
  return { path: relativePath(path, root), rule, line: (lines[range.startLine - 1] ?? "").trim(), count: 1 };
}

const keyOf = ({ path, rule, line }: Baseline["findings"][number]): string => JSON.stringify([path, rule, line]);

/** With forward slashes, so that one baseline serves all systems. */
function relativePath(path: string, root: string): string {
  return (isAbsolute(path) ? relative(root, path) : path.replace(/^\.[/\\]/, "")).split(sep).join("/");
}
