/**
 * Nothing that is not known may look certain. Whether a value matters is found out by changing it: where another number
 * gives another model, an undefined name in its place must be reported.
 */
import { strict as assert } from "node:assert";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { firstDifference } from "../../../engine/graph/sameModel";
import { parsePython } from "../../../engine/python/parse";
import { nodesIn } from "../../../engine/python/walk";
import { readModelFile } from "../../../engine/source/readModel";
import type { ModelReading } from "../../../engine/source/modelReading";

const folders = ["examples", "test/golden/rewrite/models"];
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".py"))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const),
);

const read = (path: string, text: string): ModelReading => readModelFile({ path, text });

/** Whether the readings are of the same model, as far as they are certain. */
function isSame(a: ModelReading, b: ModelReading): boolean {
  if (a.graph === null || b.graph === null) return a.graph === b.graph;
  return a.model === b.model && firstDifference(a.graph, b.graph) === null;
}

const isFlagged = ({ graph, unknowns, problems }: ModelReading): boolean =>
  graph === null || unknowns.length > 0 || problems.length > 0;

describe("Every number that matters", () => {
  for (const [name, text] of files) {
    it(`of ${name} is reported when it is not known`, () => {
      const original = read(name, text);
      const { module } = parsePython(name, text);
      const numbers = nodesIn(module.body).filter((node) => node.kind === "number" && node.type === "int");
      let mattered = 0;
      const silent: string[] = [];
      for (const { from, to } of numbers) {
        const replaced = (by: string): ModelReading => read(name, text.slice(0, from) + by + text.slice(to));
        const matters = !isSame(original, replaced(String(Number(text.slice(from, to)) + 1)));
        if (!matters) continue;
        mattered++;
        if (!isFlagged(replaced("nobody_defines_this")))
          silent.push(
            `${text.slice(text.lastIndexOf("\n", from) + 1, from)}>${text.slice(from, text.indexOf("\n", to))}`,
          );
      }
      assert.deepEqual(silent, []);
      assert.ok(mattered > 0, `no number of ${name} matters`);
    });
  }
});

describe("What means nothing to Python", () => {
  const noise = fc.constantFrom("\n", "\n\n\n", "  # a remark\n", "\t\n", "\n# (brackets [in a remark\n");
  for (const [name, text] of files) {
    it(`changes nothing about ${name}`, () => {
      const original = read(name, text);
      const ends = lineEndsBetweenStatements(name, text);
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(ends.length - 1), noise), { minLength: 1, maxLength: 5 }), (places) => {
          const inserted = new Map(places.map(([index, added]) => [ends[index] ?? 0, added]));
          const changed = [...inserted]
            .sort(([a], [b]) => b - a)
            .reduce((current, [at, added]) => current.slice(0, at) + added + current.slice(at + 1), text);
          assert.ok(isSame(original, read(name, changed)), JSON.stringify(changed));
        }),
        { numRuns: 12, seed: 3 },
      );
    });
  }

  it("is also the kind of line break", () => {
    for (const [name, text] of files)
      assert.ok(isSame(read(name, text), read(name, text.replaceAll("\n", "\r\n"))), name);
  });
});

/** Offsets of line breaks after a simple statement that fills its line and has no comment. */
function lineEndsBetweenStatements(name: string, text: string): number[] {
  const simple = new Set(["assign", "expression", "return", "import", "importFrom", "augmented"]);
  const { module } = parsePython(name, text);
  return nodesIn(module.body).flatMap((node) => (simple.has(node.kind) && text[node.to] === "\n" ? [node.to] : []));
}
