/**
 * Python's containers against CPython: generated programs whose result is the same, or said to be unknown.
 * containers.json was written by containers.py.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelFile } from "../../../engine/source/readModel";

const path = join(process.cwd(), "test/golden/python/containers.json");
const rows = JSON.parse(readFileSync(path, "utf8")) as readonly (readonly [program: string, width: number])[];

/** A layer shows the number that the program computed, since sizes are not negative it is moved up. */
const MOVED = 1_000_000;

function widthOf(program: string): number | null {
  const text = `from torch import nn\n${program}\nmodel = nn.Embedding(width + ${MOVED}, 1)\n`;
  const { graph } = readModelFile({ path: "model.py", text, model: "model" });
  return graph?.parameters == null ? null : graph.parameters - MOVED;
}

describe("Generated programs over lists, dicts, sets and strings", () => {
  const results = rows.map(([program, width]) => ({ program, width, ours: widthOf(program) }));

  it("never have another result than in CPython", () => {
    const different = results.filter(({ width, ours }) => ours !== null && ours !== width);
    assert.deepEqual(
      different.map(({ program, width, ours }) => `${program}\n# ${width}, not ${ours ?? "?"}`),
      [],
    );
  });

  it("are nearly all followed", () => {
    const known = results.filter(({ ours }) => ours !== null);
    assert.ok(known.length > 0.95 * results.length, `${known.length} of ${results.length}`);
  });
});
