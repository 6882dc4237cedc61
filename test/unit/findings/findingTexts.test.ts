/**
 * The texts of findings are in findingTexts.txt; NORMLENS_UPDATE=1 writes it again. Other tests assert rules and
 * lines.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { lintSource } from "../../../engine/findings/lintSource";
import type { SourceFinding } from "../../../engine/findings/sourceFinding";
import { checkSnapshot } from "../support/snapshot";
import { findingSamples } from "./findingSamples";

const EXAMPLE = "examples/typical_mistakes.py";

const textOf = ({ rule, line, verdict, evidence, next, fix }: SourceFinding): string =>
  [
    `${rule} at line ${line ?? ""}`,
    `  ${verdict}`,
    `  ${evidence}`,
    `  ${next}`,
    ...(fix === null ? [] : [`  Fix: ${fix.title}`]),
  ].join("\n");

describe("texts of findings", () => {
  for (const [rule, text] of Object.entries(findingSamples))
    it(`${rule} finds its sample`, () => {
      assert.ok(lintSource("model.py", text).findings.some((finding) => finding.rule === rule));
    });

  it("are those of the snapshot", () => {
    const samples = Object.entries(findingSamples).flatMap(([rule, text]) =>
      lintSource("model.py", text).findings.filter((finding) => finding.rule === rule),
    );
    const example = lintSource(EXAMPLE, readFileSync(EXAMPLE, "utf8")).findings;
    const texts = [...samples.map(textOf), `## ${EXAMPLE}`, ...example.map(textOf)];
    checkSnapshot("test/unit/findings/findingTexts.txt", `${texts.join("\n\n")}\n`);
  });
});
