import assert from "node:assert/strict";
import { type ComparedRun, compareSentence, compareVerdict } from "../../../engine/judgement/compare";
import { runLetter } from "../../../engine/protocol/judgement";
import { plainText } from "../../../engine/judgement/parts";
import { plain, runRecord, summaryOf } from "./makeSummary";

const ended = (
  name: string,
  layers: readonly string[],
  accuracy: number | null,
  losses: readonly number[],
): ComparedRun => ({
  state: "completed",
  summary: summaryOf({ run: runRecord({ name, layers }), running: accuracy, population: null, batch: null, losses }),
});

describe("runs side by side, in words", () => {
  it("name what BN is worth", () =>
    assert.equal(
      plain(compareSentence([ended("with", ["bn1"], 0.904, [1, 0.5]), ended("without", [], 0.096, [1, 1])])),
      "A reaches 90.4 %, B 9.6 %: with batch normalization the same model is 80.8 points ahead.",
    ));

  it("say so when nothing counts", () =>
    assert.match(
      compareSentence([ended("a", ["bn1"], 0.9, [1, 2]), ended("b", [], 0.905, [1, 3])]),
      /no relevant difference/,
    ));

  it("see that the training was the same", () => {
    const [a, b] = [ended("a", ["bn1"], 0.965, [1, 0.5]), ended("b", ["bn1"], 0.453, [1, 0.5])];
    assert.match(compareSentence([a, b]), /^Only evaluation differs: .*Training is identical, bit for bit\.$/);
    assert.doesNotMatch(compareSentence([a, ended("b", ["bn1"], 0.453, [1, 0.50001])]), /last bit/);
  });

  it("are any number of runs", () => {
    const runs = [0.7, 0.9, 0.8].map((accuracy, index) => ended(`run ${index}`, ["bn1"], accuracy, [index]));
    const verdict = compareVerdict(runs);
    assert.ok(verdict);
    const text = plain(plainText(verdict));
    assert.match(text, /^A reaches 70\.0 %, B 90\.0 %, C 80\.0 %: B is ahead, by up to 20\.0 points\./);
    assert.match(text, /C: run 2, with BN, step 1 000/);
    assert.equal(compareVerdict(runs.slice(0, 1)), null);
  });

  it("wait until an accuracy is known of all", () =>
    assert.match(compareSentence([ended("a", ["bn1"], 0.9, []), ended("b", ["bn1"], null, [])]), /no accuracy yet/));

  it("have letters, however many they are", () =>
    assert.deepEqual([0, 1, 25, 26, 27, 52].map(runLetter), ["A", "B", "Z", "AA", "AB", "BA"]));
});
