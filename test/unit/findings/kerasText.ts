/** Keras files for tests, and what is found in them. */
import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import type { SourceFinding } from "../../../engine/findings/sourceFinding";
import { python } from "../support/python";

/** What stands before the text of every test. */
export const IMPORTS = python`
    import keras
    from keras import layers, Input, Model, Sequential, backend as K
    from keras.applications import ResNet50, VGG16
  `;

/** Lines of it. */
export const OFFSET = 3;

/** What is found in the text below the imports. */
export function findings(text: string): readonly SourceFinding[] {
  return lintSource("model.py", IMPORTS + text).findings;
}

/** The same, in short: each rule with its line in the text. */
export const rulesAt = (text: string): string[] =>
  findings(text).map(({ rule, range }) => `${rule} ${range.startLine - OFFSET}`);

/** The one finding of a rule. */
export function only(rule: string, text: string): SourceFinding {
  const found = findings(text).filter((finding) => finding.rule === rule);
  assert.equal(found.length, 1, JSON.stringify(rulesAt(text)));
  return found[0]!;
}

/** A `Sequential` of these layers. */
export const sequential = (...lines: readonly string[]): string => python`
  model = Sequential([
      ${lines.join(",\n    ")},
  ])
`;

/** Parts of one. */
export const IMAGE = "Input((32, 32, 3))";
export const CONV = "layers.Conv2D(8, 3, use_bias=False)";
export const TAIL = "layers.ReLU()";
