import { strict as assert } from "node:assert";
import { sourcesOf, type RearrangementStep } from "../../../engine/nn/rearrangement";
import { returnedStep, stepsOf } from "../../../engine/nn/steps";
import type { Rearrangement } from "../../../engine/protocol/layerOps";
import type { Shape } from "../../../engine/protocol/shape";
import { graphOf, net, read } from "../source/helpers";
import { python } from "../support/python";

const move = (rearrangement: Rearrangement, input: Shape, output: Shape): RearrangementStep => ({
  rearrangement,
  input,
  output,
});
const map = (...steps: RearrangementStep[]): number[] => [...sourcesOf(steps)];

describe("Where the elements of a rearranged sample come from", () => {
  it("is where they were when only the shape changes", () => {
    assert.deepEqual(map(move({ rule: "reshape", sizes: [3, -1] }, [2, 3], [3, 2])), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(map(move({ rule: "squeeze", axis: 1 }, [1, 2], [2])), [0, 1]);
    assert.deepEqual(map(move({ rule: "unsqueeze", axis: -1 }, [2], [2, 1])), [0, 1]);
  });
  it("follows the axes", () => {
    assert.deepEqual(map(move({ rule: "permute", order: [0, 2, 1] }, [2, 3], [3, 2])), [0, 3, 1, 4, 2, 5]);
    assert.deepEqual(map(move({ rule: "permute", order: [0, 3, 1, 2] }, [2, 1, 2], [2, 2, 1])), [0, 2, 1, 3]);
  });
  it("begins where a part does", () => {
    assert.deepEqual(map(move({ rule: "chunk", axis: 1, chunks: 2, index: 1 }, [5], [2])), [3, 4]);
    assert.deepEqual(map(move({ rule: "chunk", axis: -1, chunks: 2, index: 1 }, [2, 4], [2, 2])), [2, 3, 6, 7]);
    const cuts = [
      { axis: 1, start: 1, step: 1, size: 1 },
      { axis: -1, start: 0, step: 2, size: 2 },
    ];
    assert.deepEqual(map(move({ rule: "slice", cuts }, [2, 3], [1, 2])), [3, 5]);
  });
  it("repeats", () => {
    assert.deepEqual(map(move({ rule: "expand", sizes: [-1, 2] }, [2, 1], [2, 2])), [0, 0, 1, 1]);
  });
  it("goes between channels and pixels", () => {
    assert.deepEqual(map(move({ rule: "channelShuffle", groups: 2 }, [4, 1, 2], [4, 1, 2])), [0, 1, 4, 5, 2, 3, 6, 7]);
    assert.deepEqual(map(move({ rule: "pixelShuffle", factor: 2 }, [4, 1, 2], [1, 2, 4])), [0, 2, 1, 3, 4, 6, 5, 7]);
    assert.deepEqual(map(move({ rule: "pixelUnshuffle", factor: 2 }, [1, 2, 4], [4, 1, 2])), [0, 2, 1, 3, 4, 6, 5, 7]);
  });
  it("has nothing for zeros, and other pixels for other padding", () => {
    const pad = (mode: "zeros" | "reflect" | "replicate", before: number, after: number): number[] =>
      map(move({ rule: "pad", before: [before], after: [after], mode }, [3], [3 + before + after]));
    assert.deepEqual(pad("zeros", 2, 1), [-1, -1, 0, 1, 2, -1]);
    assert.deepEqual(pad("zeros", -1, 1), [1, 2, -1]);
    assert.deepEqual(pad("reflect", 2, 1), [2, 1, 0, 1, 2, 1]);
    assert.deepEqual(pad("replicate", 2, -1), [0, 0, 0, 1]);
    assert.deepEqual(
      map(move({ rule: "pad", before: [0, 1], after: [1, 0], mode: "zeros" }, [1, 1, 2], [1, 2, 3])),
      [-1, 0, 1, -1, -1, -1],
    );
  });
  it("is one map for several in a row", () => {
    const shuffle = map(
      move({ rule: "reshape", sizes: [2, 3] }, [6], [2, 3]),
      move({ rule: "permute", order: [0, 2, 1] }, [2, 3], [3, 2]),
      move({ rule: "reshape", sizes: [6] }, [3, 2], [6]),
    );
    assert.deepEqual(shuffle, [0, 3, 1, 4, 2, 5]);
    assert.deepEqual(
      map(
        move({ rule: "pad", before: [1], after: [0], mode: "zeros" }, [2], [3]),
        move({ rule: "slice", cuts: [{ axis: 1, start: 0, step: 2, size: 2 }] }, [3], [2]),
      ),
      [-1, 1],
    );
  });
});

describe("What a network computes", () => {
  const stepsIn = (forward: string, input: number[] = [6, 4, 2]): string[] =>
    stepsOf(
      graphOf(
        read(
          net(
            python`
          self.act = nn.ReLU()
          self.no = nn.Identity()
          self.fc = nn.Linear(6, 6)`,
            forward,
          ),
          {
            inputs: [input],
          },
        ),
      ),
    ).map(({ id, inputIds, moves }) => {
      const rules = (moves ?? []).map(({ rearrangement }) => ` ${rearrangement.rule}`);
      return `${id}(${inputIds.join()})${rules.join("")}`;
    });

  it("has one step for rearrangements through shapes that are not stored", () => {
    const shuffle = "x = self.act(x).view(-1, 2, 3, 4, 2).transpose(1, 2).contiguous().view(-1, 6, 4, 2)";
    assert.deepEqual(stepsIn(`${shuffle}\nreturn self.act(self.no(x))`), [
      "act(input)",
      "view#2(act) reshape permute reshape",
      "act@2(view#2)",
    ]);
  });
  it("has one for each of several takers of a value that is not stored", () => {
    assert.deepEqual(
      stepsIn(python`
        y = x.view(-1, 2, 3, 4, 2)
        a = y.flatten(1, 2)
        return self.act(y.flatten(1)), a`).slice(0, 2),
      ["flatten(input) reshape reshape", "flatten#2(input) reshape reshape"],
    );
  });
  it("ends with what is returned, whatever comes after it", () => {
    const graph = graphOf(
      read(
        net(
          "self.fc = nn.Linear(6, 3)\nself.no = nn.Identity()",
          python`
            y = self.fc(x)
            a, b = y.split([1, 2], 1)
            return self.no(self.no(y) if True else b)`,
        ),
        { inputs: [[6]] },
      ),
    );
    assert.equal(returnedStep(graph), "fc");
    assert.deepEqual(
      stepsOf(graph).map(({ id }) => id),
      ["fc", "split", "split#2"],
    );
  });
  it("brings the axis of a Linear layer to the channels and back", () => {
    assert.deepEqual(stepsIn("return self.fc(x)", [4, 2, 6]), [
      "fc features(input) permute",
      "fc results(fc features)",
      "fc(fc results) permute",
    ]);
    assert.deepEqual(stepsIn("return self.fc(x)", [4, 6]), [
      "fc features(input) permute",
      "fc results(fc features)",
      "fc(fc results) permute",
    ]);
  });
  it("repeats what is smaller before it is combined", () => {
    assert.deepEqual(stepsIn("return x * self.act(x).mean((2, 3), keepdim=True)"), [
      "act(input)",
      "mean(act)",
      "mul input 2(mean) expand",
      "mul(input,mul input 2)",
    ]);
    assert.deepEqual(stepsIn("return x + self.fc(x)", [6]), ["fc(input)", "add(input,fc)"]);
  });
});
