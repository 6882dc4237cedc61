import assert from "node:assert/strict";
import { gradientSentences, readingSentences } from "../../../webview/views/parts/layerSentences";
import { reading } from "./makeRun";

const NAN = Number.NaN;
const NOTHING = /–|NaN|unknown/;

describe("a layer in sentences", () => {
  it("leaves out every number that was not measured, and the sentence where none was", () => {
    assert.deepEqual(readingSentences(reading("bn1")), []);
    assert.deepEqual(gradientSentences({ parameters: NAN, output: NAN, batchF: NAN }), []);
    const known = {
      shift: 0.2,
      varianceRatio: 1.3,
      distance: 0.5,
      distanceFloor: 0.05,
      gap: 0.3,
      alone: 0.1,
      gapFloor: 0.02,
    };
    for (const left of Object.keys(known)) {
      const sentences = readingSentences(reading("bn1", { ...known, [left]: NAN }));
      assert.equal(sentences.length, ["shift", "varianceRatio", "distance"].includes(left) ? 3 : 4, left);
      for (const sentence of sentences) assert.doesNotMatch(sentence, NOTHING);
    }
  });

  it("keeps what is known of a sentence", () => {
    const [gap] = readingSentences(reading("bn1", { gap: 0.3 }));
    assert.match(gap ?? "", /^[A-Z][^,()]*0\.30\sσ[^,()]*\.$/);
    const [floored] = readingSentences(reading("bn1", { distance: 0.5, distanceFloor: 0.05 }));
    assert.match(floored ?? "", /0\.50\sσ.*\(.*0\.05\sσ\)\.$/);
    const [gradients] = gradientSentences({ parameters: NAN, output: 2, batchF: NAN });
    assert.match(gradients ?? "", /^[A-Z][^,]*2\.0[^,]*\.$/);
  });
});
