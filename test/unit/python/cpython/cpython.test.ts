/**
 * CPython's own parser and ours accept the same texts: files of the standard library and small changes of them.
 * NORMLENS_PARSER_FILES and NORMLENS_PARSER_TEXTS say how many of each, for a longer look.
 */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TextDecoder } from "node:util";
import { parsePythonOnce } from "../../../../engine/python/parse";
import { below, excerpt, mutations, randomFrom, type Random } from "./mutations";

const FILES = Number(process.env["NORMLENS_PARSER_FILES"] ?? 300);
const TEXTS = Number(process.env["NORMLENS_PARSER_TEXTS"] ?? 12_000);
const JUDGE = join(process.cwd(), "test", "unit", "python", "cpython", "judge.py");
/** Of a file in characters, to keep the whole below half a minute. */
const LARGEST = 60_000;

interface Library {
  readonly version: readonly [number, number];
  readonly files: readonly string[];
}

/** null: it parses; false: CPython gave up. */
type Verdict = string | false | null;

function askPython<Answer>(args: readonly string[], input: unknown): Answer | null {
  const { status, stdout } = spawnSync("python3", [JUDGE, ...args], {
    encoding: "utf8",
    input: JSON.stringify(input),
    maxBuffer: 1 << 29,
  });
  return status === 0 ? (JSON.parse(stdout) as Answer) : null;
}

const library = askPython<Library>(["list"], null);

interface Sample {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
}

function readText(path: string): string | null {
  const bytes = readFileSync(path);
  if (/coding[:=]\s*(?!utf-?8)[-\w.]+/i.test(bytes.subarray(0, 200).toString("latin1"))) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Files spread evenly over the library. */
function chosenFiles(files: readonly string[], count: number): Sample[] {
  const step = Math.max(1, files.length / count);
  const chosen = files.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  return chosen.flatMap((name) => {
    const text = readText(name);
    return text === null || (count < files.length && text.length > LARGEST) ? [] : [{ name, kind: "a file", text }];
  });
}

function mutated(files: readonly Sample[], count: number, random: Random): Sample[] {
  const kinds = Object.entries(mutations);
  return Array.from({ length: count }, (_, index) => {
    const { name, text } = files[below(random, files.length)] ?? { name: "", text: "" };
    const [kind, mutate] = kinds[index % kinds.length] ?? ["", (same: string): string => same];
    return { name, kind, text: mutate(excerpt(text, random, 25), random) };
  });
}

/** What newer Python takes that an older one refuses, by its message: f-strings (PEP 701) and exceptions (PEP 758). */
const NEWER = /f-string|unterminated string literal|multiple exception types must be parenthesized/;
const EXCEPTIONS_WITHOUT_BRACKETS = /\bexcept\b[^:\n]*,/;

/** CPython's grammar tries `(f)` as a target before `(f).x`, and does not come back. */
const ANNOTATED_BEHIND_BRACKETS = /\(\s*[\w.[\]]+\s*\)[.[]/;

const isKnown = ({ sample, theirs }: Disagreement): boolean =>
  typeof theirs === "string" &&
  (NEWER.test(theirs) ||
    EXCEPTIONS_WITHOUT_BRACKETS.test(sample.text) ||
    (theirs.startsWith("illegal target for annotation") && ANNOTATED_BEHIND_BRACKETS.test(sample.text)));

/** Older ones read indentation and groups of exceptions in another way. */
const OLDEST_MINOR = 11;

interface Disagreement {
  readonly sample: Sample;
  readonly theirs: Verdict;
  readonly ours: string | null;
}

function disagreements(samples: readonly Sample[]): Disagreement[] {
  const theirs =
    askPython<Verdict[]>(
      [],
      samples.map(({ text }) => text),
    ) ?? [];
  assert.equal(theirs.length, samples.length);
  return samples.flatMap((sample, index) => {
    const verdict = theirs[index] ?? null;
    const { syntaxErrors, oldNames = [] } = parsePythonOnce("a.py", sample.text);
    // A name of an older Python is read, and CPython of today does not.
    const error = syntaxErrors[0] ?? oldNames[0];
    if (verdict === false || (verdict === null) === (error === undefined)) return [];
    return [{ sample, theirs: verdict, ours: error === undefined ? null : `line ${error.line}` }];
  });
}

const described = ({ sample, theirs, ours }: Disagreement): string =>
  `${sample.kind} (${sample.name}): CPython ${theirs === null ? "parses it" : `says "${theirs}"`}, ` +
  `NormLens ${ours === null ? "parses it" : `has an error in ${ours}`}` +
  (sample.text.length < 3_000 ? `\n${JSON.stringify(sample.text)}` : "");

function report(found: readonly Disagreement[]): string {
  const counts = new Map<string, number>();
  for (const { sample, theirs } of found) {
    const kind = `${sample.kind}, ${theirs === null ? "refused" : "taken"} by NormLens only`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const summary = [...counts].map(([kind, count]) => `${count} × ${kind}`);
  return [
    `${found.length} disagreements`,
    ...summary,
    ...found.slice(0, Number(process.env["NORMLENS_PARSER_SHOWN"] ?? 10)).map(described),
  ].join("\n");
}

describe("CPython's parser and ours", () => {
  if (library === null || library.version[1] < OLDEST_MINOR) {
    const reason = library === null ? "there is no python3" : `python3 is older than 3.${OLDEST_MINOR}`;
    it(`are not compared: ${reason}`, function () {
      assert.equal(process.env["CI"], undefined, reason);
      this.skip();
    });
    return;
  }
  it("take the same files of the standard library", () => {
    const found = disagreements(chosenFiles(library.files, FILES));
    assert.equal(found.length, 0, report(found));
  });
  it("take the same texts that are nearly Python", () => {
    const files = chosenFiles(library.files, FILES);
    const found = disagreements(mutated(files, TEXTS, randomFrom(Number(process.env["NORMLENS_PARSER_SEED"] ?? 1))));
    const unexplained = found.filter((disagreement) => !isKnown(disagreement));
    assert.equal(unexplained.length, 0, report(unexplained));
  });
});
