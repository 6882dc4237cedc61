/**
 * Twenty models with an annotation, written into their source. The result is read back as the annotated variant, and
 * expected.json contains what PyTorch made of exactly this text.
 */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstDifference } from "../../../engine/graph/sameModel";
import { writeIntoSource } from "../../../engine/rewrite/writeIntoSource";
import { readModelFile } from "../../../engine/source/readModel";
import type { ModelReading } from "../../../engine/source/modelReading";

interface Expected {
  readonly torch: string;
  readonly models: Readonly<
    Record<string, { readonly sha256: string; readonly parameters: number; readonly output: readonly number[] }>
  >;
}

const folder = join(process.cwd(), "test/golden/rewrite");
const { models } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected;
const names = readdirSync(join(folder, "models")).map((file) => file.replace(/\.py$/, ""));

/** The text with the annotation of its layer written into it, and both readings. */
function write(name: string): { readonly text: string; readonly before: ModelReading; readonly after: ModelReading } {
  const path = `${name}.py`;
  const original = readFileSync(join(folder, "models", path), "utf8");
  const line = original.split("\n").findIndex((content) => /# normlens: (?!model)/.test(content)) + 1;
  const result = writeIntoSource({ path, text: original }, line);
  assert.ok("text" in result, "refused" in result ? result.refused : "");
  const text = result.text;
  return { text, before: readModelFile({ path, text: original }), after: readModelFile({ path, text }) };
}

describe("Annotations written into twenty models", () => {
  const target = process.env["NORMLENS_WRITTEN"];
  if (target !== undefined) {
    before(() => {
      mkdirSync(target, { recursive: true });
      for (const name of names) writeFileSync(join(target, `${name}.py`), write(name).text);
    });
  }

  it("covers them all", () => {
    assert.ok(names.length >= 20);
    assert.deepEqual([...names].sort(), Object.keys(models).sort());
  });

  for (const name of names) {
    it(name, () => {
      const { text, before: annotated, after } = write(name);
      assert.deepEqual(after.syntaxErrors, []);
      assert.deepEqual(
        after.annotations.map(({ directive }) => directive.kind),
        ["model"],
      );
      assert.ok(annotated.variant && after.graph);
      assert.deepEqual(after.graph.unknowns, []);
      assert.equal(firstDifference(after.graph, annotated.variant), null);
      assert.notEqual(
        firstDifference(after.graph, annotated.graph ?? after.graph),
        null,
        "the annotation changes the model",
      );
      const expected = models[name];
      assert.ok(expected);
      assert.equal(
        createHash("sha256").update(text).digest("hex"),
        expected.sha256,
        "PyTorch ran another text: make expected.json again",
      );
      assert.equal(annotated.variant.parameters, expected.parameters);
      assert.deepEqual(
        after.graph.nodes.find(({ id }) => id === after.graph?.outputs[0]?.node)?.outputShape,
        expected.output,
      );
    });
  }
});
