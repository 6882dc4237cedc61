/** Whatever a file may be, it is read or said to be unread, and that in bounded time. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lintSource } from "../../../engine/findings/lintSource";
import { readModelFile } from "../../../engine/source/readModel";
import { below, mutations, randomFrom } from "../python/cpython/mutations";

const TEXTS = Number(process.env["NORMLENS_FUZZ_TEXTS"] ?? 400);
/** Of processor time, which other processes do not change. */
const MOST_SECONDS = 2;

function sources(): string[] {
  const folders = ["examples", "test/cli/fixtures", "test/golden/models/cases"];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".py"))
      .map((name) => readFileSync(join(folder, name), "utf8")),
  );
}

function secondsToRead(text: string): number {
  const before = process.cpuUsage();
  const { unread } = lintSource("model.py", text);
  assert.ok(unread === null || unread.length > 0);
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
  this.timeout(240_000);
  const texts = sources();
  it("never throws and takes no more than two seconds", () => {
    const random = randomFrom(Number(process.env["NORMLENS_FUZZ_SEED"] ?? 7));
    const kinds = Object.entries(mutations);
    for (let count = 0; count < TEXTS; count++) {
      const [kind, mutate] = kinds[count % kinds.length] ?? ["", (same: string): string => same];
      const text = mutate(texts[below(random, texts.length)] ?? "", random);
      const seconds = secondsToRead(text);
      assert.ok(seconds < MOST_SECONDS, `${kind}: ${seconds} s for ${JSON.stringify(text)}`);
    }
  });
  for (const [what, text] of Object.entries(DEEP))
    it(`is as quick for ${what}`, () => {
      assert.ok(secondsToRead(text) < MOST_SECONDS);
    });
});
