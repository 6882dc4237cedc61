import assert from "node:assert/strict";
import { rowPlaces, spineEntries } from "../../../webview/panels/spineEntries";
import { Folding, foldableStages, worstOf } from "../../../webview/state/folding";
import { shortNames } from "../../../webview/state/shortNames";
import { stagesOf } from "../../../webview/state/stages";
import { reading } from "./makeRun";

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const resnet = (blocks: readonly number[]): string[] => [
  "bn1",
  ...blocks.flatMap((count, stage) =>
    range(count).flatMap((at) => [1, 2].map((bn) => `layer${stage + 1}.${at}.bn${bn}`)),
  ),
];
const transformer = (count: number): string[] =>
  range(count).map(
    (index) =>
      `encoder.layers.${Math.floor(index / 8)}.blocks.${Math.floor(index / 2) % 4}.attn.norm${1 + (index % 2)}`,
  );

function checkNames(names: readonly string[], longest: number, fits = true): string[] {
  const short = shortNames(names, longest);
  assert.equal(new Set(short).size, new Set(names).size, short.join(" "));
  if (fits) for (const name of short) assert.ok(name.length <= longest, name);
  return short;
}

describe("short names", () => {
  it("leave alone what fits", () => assert.deepEqual(shortNames(["bn1", "layer1.0.bn1"], 19), ["bn1", "layer1.0.bn1"]));

  it("cut what all names have in common, not what distinguishes them", () => {
    const short = checkNames(transformer(200), 19);
    assert.equal(short[0], "…0…0.attn.norm1");
    assert.equal(short[199], "…24…3.attn.norm2");
  });

  it("keep as many parts as fit", () => {
    const short = checkNames(transformer(200), 26);
    assert.equal(short[0], "…0.blocks.0.attn.norm1");
  });

  it("cut beginnings that siblings share, but no number in two", () => {
    const names = [23, 24].flatMap((at) => [1, 2].map((norm) => `features.denseblock4.denselayer${at}.norm${norm}`));
    assert.deepEqual(checkNames(names, 12), ["…23.norm1", "…23.norm2", "…24.norm1", "…24.norm2"]);
  });

  it("stay different whatever the length", () => {
    const words = range(300).map((index) => `${"very".repeat(index % 5)}long.${index}.${"x".repeat(40)}${index % 7}`);
    for (const longest of [1, 3, 6, 12, 19, 40]) {
      checkNames(transformer(200), longest, longest >= 12);
      checkNames(resnet([50, 50]), longest, longest >= 6);
      checkNames(words, longest, false);
      checkNames(["a", "…", "…a", "…#1", "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaab"], longest, false);
    }
  });

  it("are the same for the same name", () => {
    const [a, b] = shortNames(["x".repeat(30), "x".repeat(30)], 10);
    assert.equal(a, b);
  });

  it("distinguish a name from a longer one that begins with it", () => {
    const names = ["model.backbone.stage.norm", "model.backbone.stage.norm.inner", "model.backbone.stage.norm.outer"];
    checkNames(names, 14);
  });
});

describe("stages", () => {
  const ids = (names: readonly string[]): string[] => stagesOf(names).map(({ id }) => id);

  it("are the first parts that make a handful of groups", () => {
    assert.deepEqual(ids(resnet([3, 4, 6, 3])), ["bn1", "layer1", "layer2", "layer3", "layer4"]);
    assert.deepEqual(
      ids(transformer(32)),
      range(4).map((at) => `encoder.layers.${at}`),
    );
  });

  it("know Keras's names", () => {
    const names = range(40).map((index) => `conv${2 + Math.floor(index / 10)}_block${index % 10}_1_bn`);
    assert.deepEqual(ids(names), ["conv2", "conv3", "conv4", "conv5"]);
  });

  it("hold every layer once, in order", () => {
    for (const names of [resnet([20, 20]), transformer(200), range(200).map((at) => `bn${at}`), ["a.b", "c", "a.d"]]) {
      const members = stagesOf(names).flatMap((stage) => stage.members);
      assert.deepEqual(
        [...members].sort((a, b) => a - b),
        range(names.length),
      );
      for (const stage of stagesOf(names))
        assert.deepEqual(
          [...stage.members].sort((a, b) => a - b),
          stage.members,
        );
    }
  });

  it("are one if names form no groups, and many if there are not few", () => {
    assert.deepEqual(ids(range(200).map((at) => `bn${at}`)), [""]);
    assert.equal(ids(range(120).map((at) => `blocks.${Math.floor(at / 3)}.norm${at % 3}`)).length, 40);
  });
});

describe("folding", () => {
  const readings = (count: number, worst = -1) =>
    resnet([Math.ceil(count / 4), Math.ceil(count / 4)])
      .slice(0, count)
      .map((name, index) => reading(name, index === worst ? { severity: "error", gap: 0.5 } : { gap: 0.01 }));

  it("is for deep networks only", () => {
    assert.equal(foldableStages(readings(40)).length, 0);
    assert.equal(foldableStages(readings(41)).length, 3);
    assert.equal(new Folding().foldedNow(readings(60), null).size, 0);
  });

  it("starts with all but the worst stage", () => {
    assert.deepEqual([...new Folding().foldedNow(readings(100, 80), null)], ["layer1"]);
    assert.deepEqual([...new Folding().foldedNow(readings(100, 3), null)], ["layer2"]);
  });

  it("stays as it was when another layer becomes the worst, and as a person wants it", () => {
    const folding = new Folding();
    folding.foldedNow(readings(100, 80), null);
    assert.deepEqual([...folding.foldedNow(readings(100, 3), null)], ["layer1"]);
    assert.deepEqual([...folding.foldedNow(readings(100, 3), [])], []);
  });

  it("calls the worst by severity, then by size", () => {
    const worst = worstOf([
      reading("a", { severity: "ok", gap: 9 }),
      reading("b", { severity: "warning", gap: 0.2 }),
      reading("c", { severity: "warning", gap: 0.3 }),
    ]);
    assert.equal(worst?.id, "c");
  });

  it("makes a row of a folded stage and rows of an open one", () => {
    const entries = spineEntries(readings(101, 80), new Set(["layer1"]));
    assert.equal(entries[0]?.kind, "layer");
    const [folded, open] = entries.filter((entry) => entry.kind === "stage");
    assert.deepEqual([folded?.stage, folded?.folded, open?.folded], ["layer1", true, false]);
    assert.equal(entries.length, 1 + 1 + 1 + (open?.members.length ?? 0));
  });

  it("knows where rows lie without laying them out", () => {
    const entries = spineEntries(readings(101, 80), new Set(["layer1"]));
    const places = rowPlaces(entries, false, true);
    places.forEach(({ top }, index) => {
      const before = places[index - 1];
      assert.equal(top, before ? before.top + before.height : 0);
    });
    assert.equal(places[1]?.height, 54, "a pixel row a layer, and a margin");
    assert.equal(rowPlaces(entries, false, false)[1]?.height, 20);
  });
});
