/** Whatever a file may be, it is read or said to be unread, and that in bounded time. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lintSource } from "../../../engine/findings/lintSource";
import { readModelFile } from "../../../engine/source/readModel";
import { below, mutations, type Random, randomFrom } from "../python/cpython/mutations";

/** So many mutated texts, from this seed on. Each has its own seed, so that one that fails can be made alone. */
const TEXTS = Number(process.env["NORMLENS_FUZZ_TEXTS"] ?? 400);
const FIRST_SEED = Number(process.env["NORMLENS_FUZZ_SEED"] ?? 7);
/** Of processor time, which other processes do not change. */
const MOST_SECONDS = 2;
/** What all models of a file may take together, with the few steps that are counted before anybody looks. */
const MOST_STEPS = 2_100_000;

/** Whole lines, as people move, forget and repeat them. */
const ofLines =
  (change: (lines: string[], one: number, other: number) => void) =>
  (text: string, random: Random): string => {
    const lines = text.split("\n");
    change(lines, below(random, lines.length), below(random, lines.length));
    return lines.join("\n");
  };

const ALL: typeof mutations = {
  ...mutations,
  "a line less": ofLines((lines, at) => lines.splice(at, 1)),
  "a line twice": ofLines((lines, at) => lines.splice(at, 0, lines[at] ?? "")),
  "a line of elsewhere": ofLines((lines, at, other) => lines.splice(at, 0, lines[other] ?? "")),
  "two lines swapped": ofLines((lines, at, other) => {
    [lines[at], lines[other]] = [lines[other] ?? "", lines[at] ?? ""];
  }),
};

function sources(): string[] {
  const folders = ["examples", "test/cli/fixtures", "test/golden/models/cases", "test/compare/models"];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".py"))
      .map((name) => readFileSync(join(folder, name), "utf8")),
  );
}

function secondsToRead(text: string): number {
  const before = process.cpuUsage();
  const { unread, steps } = lintSource("model.py", text);
  assert.ok(unread === null || unread.length > 0);
  assert.ok(steps < MOST_STEPS, `${steps} steps`);
  // The editor reads a text with errors too, as far as it goes.
  readModelFile({ path: "model.py", text });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const DEEP: Readonly<Record<string, string>> = {
  brackets: `x = ${"(".repeat(199)}1${")".repeat(199)}\n`,
  "too many brackets": "[".repeat(100_000),
  "lists in blocks": `${Array.from({ length: 99 }, (_, level) => `${" ".repeat(level)}if x:\n`).join("")}${" ".repeat(99)}x = ${"[".repeat(190)}${"]".repeat(190)}\n`,
  signs: `x = ${"-".repeat(400)}1\n`,
  powers: `x = ${"2**".repeat(400)}2\n`,
  conditions: `x = ${"a if b else ".repeat(400)}c\n`,
  "functions in functions": `x = ${"lambda: ".repeat(400)}1\n`,
  "a sum": `x = ${"a + ".repeat(20_000)}1\n`,
  "calls of calls": `x = a${".b()".repeat(20_000)}\n`,
  replacements: `x = ${`f"{`.repeat(100)}1${`}"`.repeat(100)}\n`,
  "brackets that never close": "x = [1\ny = f(\n".repeat(10_000),
  "strings that never end": "x = f'''{\ny = '\n".repeat(10_000),
  ways: `if a: pass\n${"elif a: pass\n".repeat(5_000)}`,
};

describe("Linting and reading whatever a file may be", function () {
  // What runs for every commit takes a few seconds; NORMLENS_FUZZ_TEXTS=200000 takes an hour.
  this.timeout(Math.max(30_000, 100 * TEXTS));
  const texts = sources();
  it("never throws and takes no more than two seconds", () => {
    const kinds = Object.entries(ALL);
    for (let seed = FIRST_SEED; seed < FIRST_SEED + TEXTS; seed++) {
      const random = randomFrom(seed);
      let text = texts[below(random, texts.length)] ?? "";
      // One change is enough for most mistakes; some need two.
      for (let count = below(random, 3); count >= 0; count--)
        text = kinds[below(random, kinds.length)]![1](text, random);
      try {
        const seconds = secondsToRead(text);
        assert.ok(seconds < MOST_SECONDS, `${seconds} s`);
      } catch (error) {
        throw new Error(`seed ${seed}: ${JSON.stringify(text)}`, { cause: error });
      }
    }
  });
  for (const [what, text] of Object.entries(DEEP))
    it(`is as quick for ${what}`, () => {
      assert.ok(secondsToRead(text) < MOST_SECONDS);
    });
});
