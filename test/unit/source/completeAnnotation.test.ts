import { strict as assert } from "node:assert";
import { completeAnnotation } from "../../../engine/source/annotations/completeAnnotation";
import { parseAnnotations } from "../../../engine/source/annotations/parseAnnotations";
import { parsePython } from "../../../engine/python/parse";
import { graphOf, net, read } from "./helpers";

const graph = graphOf(
  read(net("self.a = nn.Linear(4, 48)\nself.bn = nn.BatchNorm1d(48)", "return self.bn(self.a(x))")),
);
const [conv, norm] = graph.layers;
const candidates = [
  { expression: "Net()", kind: "class", name: "Net", line: 1, requires: [] },
  { expression: "Deep(…)", kind: "class", name: "Deep", line: 9, requires: ["width"] },
] as const;

/** What is offered at the `|` of a line, and the word that it would replace. */
function offered(line: string, layer = conv): { readonly texts: readonly string[]; readonly word: string } | null {
  const column = line.indexOf("|");
  const text = line.replace("|", "");
  const result = completeAnnotation(text, column, { layers: layer === undefined ? [] : [layer], candidates });
  return result === null
    ? null
    : { texts: result.items.map((item) => item.text), word: text.slice(result.from, result.to) };
}

describe("Completion in an annotation", () => {
  it("offers what fits the layer of the line", () => {
    assert.deepEqual(offered("a = 1  # normlens: |")?.texts, ["add bn", "add bn after-activation", "remove"]);
    assert.deepEqual(offered("a = 1  # normlens: re|")?.word, "re");
    assert.deepEqual(offered("a = 1  # normlens: |", norm)?.texts, [
      "remove",
      "use group(16)",
      "use group(8)",
      "use group(4)",
      "use layer",
      "use instance",
      "use renorm",
      "use ghost(32)",
      "set momentum=",
      "set eps=",
      "frozen",
      "min-batch=",
      "domain=",
    ]);
  });

  it("continues after a word", () => {
    assert.deepEqual(offered("# why  # normlens: use |", norm)?.texts, [
      "group(16)",
      "group(8)",
      "group(4)",
      "layer",
      "instance",
      "renorm",
      "ghost(32)",
    ]);
    assert.deepEqual(offered("a = 1  # normlens: add bn |")?.texts, ["after-activation"]);
    assert.deepEqual(offered("a = 1  # normlens: remove; frozen |", norm)?.texts, ["frozen", "min-batch=", "domain="]);
    assert.deepEqual(offered("a = 1  # normlens: set momentum=0.1 |", norm)?.texts, ["momentum=", "eps="]);
  });

  it("names the models of the file on a separate line", () => {
    assert.deepEqual(offered("# normlens: |")?.texts, ["model Net()", "model Deep("]);
    assert.deepEqual(offered("# normlens: model |")?.texts, ["Net()", "Deep("]);
    assert.deepEqual(offered("# normlens: model Net() |")?.texts, ["input=", "data="]);
  });

  it("is silent outside of an annotation", () => {
    assert.equal(offered("a = 1  # norm|"), null);
    assert.equal(offered("|a = 1  # normlens: remove"), null);
    assert.equal(offered("a = 1  # normlens: remove  # and |"), null);
  });

  it("offers nothing that does not parse", () => {
    for (const layer of [conv, norm]) {
      for (const text of offered("a = 1  # normlens: |", layer)?.texts ?? []) {
        const full =
          "a = 1  # normlens: " +
          `${text.endsWith("=") ? `${text}0.5`.replace("min-batch=0.5", "min-batch=2") : text}\n`;
        assert.deepEqual(parseAnnotations(parsePython("model.py", full)).issues, [], full);
      }
    }
  });
});
