import assert from "node:assert/strict";
import type { RunLayer } from "../../../engine/protocol/records";
import { branchesOf } from "../../../webview/state/branches";
import { layer } from "./makeRun";

/** A network as it is written: each call says what it takes, and gives its id. */
class Net {
  readonly layers: RunLayer[] = [];
  private readonly counts = new Map<string, number>();

  private add(kind: string, inputs: readonly string[], change: Partial<RunLayer>): string {
    const number = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, number);
    const id = `${kind}${number}`;
    this.layers.push(layer(id, { kind, inputs: [...inputs], ...change }));
    return id;
  }

  other = (kind: string, ...inputs: string[]): string => this.add(kind, inputs, { norm: null });
  bn = (input: string): string => this.add("bn", [input], {});
  /** A convolution with its normalization. */
  unit = (input: string): string => this.bn(this.other("conv", input));
}

/** Each branch as `lane<parent first-last`, with a star where it has layers itself. */
function shapeOf({ layers }: Net): { branches: string[]; lanes: string } {
  const { branches, laneOf } = branchesOf(layers);
  return {
    branches: branches.map(
      ({ lane, parentLane, first, last, isSkip }) => `${lane}<${parentLane} ${first}-${last}${isSkip ? "" : "*"}`,
    ),
    lanes: laneOf.join(""),
  };
}

describe("branches of a network", () => {
  it("are none where layers follow each other", () => {
    const net = new Net();
    net.unit(net.unit(net.unit("input")));
    assert.deepEqual(shapeOf(net), { branches: [], lanes: "000" });
  });

  it("are none where the record does not say what layers take", () => {
    const { branches, laneOf, lanes } = branchesOf([layer("bn1"), layer("bn2")]);
    assert.deepEqual([branches, laneOf, lanes], [[], [0, 0], 1]);
  });

  it("are residual connections, block by block, and their own way down where the size changes", () => {
    const net = new Net();
    const stem = net.unit("input");
    const first = net.other("add", net.unit(net.unit(stem)), stem);
    const second = net.other("add", net.unit(net.unit(first)), first);
    const down = net.unit(net.unit(second));
    net.other("add", down, net.unit(second));
    assert.deepEqual(shapeOf(net), { branches: ["1<0 1-2", "1<0 3-4", "1<0 5-7*"], lanes: "00000001" });
    const { branches } = branchesOf(net.layers);
    assert.deepEqual(
      branches.map(({ after }) => after),
      ["bn1", "bn3", "bn5"],
    );
  });

  it("are the same where the short way is written first", () => {
    const net = new Net();
    const stem = net.unit("input");
    const short = net.unit(stem);
    net.other("add", short, net.unit(net.unit(stem)));
    assert.deepEqual(shapeOf(net), { branches: ["1<0 1-3*"], lanes: "0100" });
  });

  it("are one a layer in a dense block, whichever way its values are joined", () => {
    const all = new Net();
    const values = [all.unit("input")];
    for (let index = 0; index < 4; index++) {
      const joined = values.length === 1 ? (values[0] ?? "") : all.other("cat", ...values);
      values.push(all.other("conv", all.bn(joined)));
    }
    all.bn(all.other("cat", ...values));
    const grown = new Net();
    let value = grown.unit("input");
    for (let index = 0; index < 4; index++) value = grown.other("cat", value, grown.other("conv", grown.bn(value)));
    grown.bn(value);
    const expected = { branches: ["1<0 1-1", "1<0 2-2", "1<0 3-3", "1<0 4-4"], lanes: "000000" };
    assert.deepEqual(shapeOf(all), expected);
    assert.deepEqual(shapeOf(grown), expected);
  });

  it("stand side by side in an inception block, with the longest as the main line", () => {
    const net = new Net();
    const stem = net.unit("input");
    const one = net.unit(stem);
    const two = net.unit(net.unit(stem));
    const three = net.unit(net.unit(net.unit(stem)));
    const pooled = net.unit(net.other("pool", stem));
    net.unit(net.other("cat", one, two, three, pooled));
    const { branches, lanes } = shapeOf(net);
    assert.equal(branches.length, 3);
    assert.ok(branches.every((branch) => branch.endsWith("1-7*")));
    const [stemLane, first, second, again, ...others] = lanes;
    assert.deepEqual([stemLane, others.slice(0, 3).join(""), others.at(-1)], ["0", "000", "0"]);
    assert.equal(second, again);
    assert.equal(new Set([first, second, others[3], "0"]).size, 4);
  });

  it("leave a branch and join it again where a branch forks", () => {
    const net = new Net();
    const stem = net.unit("input");
    const main = net.unit(net.unit(net.unit(net.unit(net.unit(stem)))));
    const side = net.unit(stem);
    const split = net.other("cat", net.unit(net.unit(side)), net.unit(side));
    net.other("cat", main, split);
    const { branches } = branchesOf(net.layers);
    const outer = branches.find(({ first }) => first === 1);
    const inner = branches.find(({ first }) => first > 1);
    assert.ok(outer);
    assert.equal(inner?.parentLane, outer.lane);
    assert.notEqual(inner.lane, outer.lane);
  });

  it("nest from the way down to the way up of a U", () => {
    const net = new Net();
    const e1 = net.unit("input");
    const e2 = net.unit(net.other("pool", e1));
    const e3 = net.unit(net.other("pool", e2));
    const bottom = net.unit(net.other("pool", e3));
    const d3 = net.unit(net.other("cat", net.other("up", bottom), e3));
    const d2 = net.unit(net.other("cat", net.other("up", d3), e2));
    net.unit(net.other("cat", net.other("up", d2), e1));
    assert.deepEqual(shapeOf(net), { branches: ["3<0 1-5", "2<0 2-4", "1<0 3-3"], lanes: "0000000" });
  });

  it("join and leave nothing where they come from another input", () => {
    const net = new Net();
    const image = net.unit(net.unit("input"));
    const depth = net.unit("input:depth");
    net.unit(net.other("cat", image, depth));
    const { branches, laneOf } = branchesOf(net.layers);
    assert.deepEqual(laneOf, [0, 0, 1, 0]);
    assert.deepEqual(
      branches.map(({ leaves, after }) => [leaves, after]),
      [[false, null]],
    );
  });

  it("leave the input where it is joined later", () => {
    const net = new Net();
    net.other("add", net.unit(net.unit("input")), "input");
    const [branch] = branchesOf(net.layers).branches;
    assert.deepEqual([branch?.leaves, branch?.after, branch?.first, branch?.last], [true, null, 0, 1]);
  });

  it("have no picture where they pass no normalization layer: gates, attention", () => {
    const net = new Net();
    const value = net.unit("input");
    net.unit(net.other("mul", value, net.other("sigmoid", net.other("pool", value))));
    assert.deepEqual(shapeOf(net), { branches: [], lanes: "00" });
  });

  it("are not drawn beyond a few lanes, except those with layers", () => {
    const net = new Net();
    const down = [net.unit("input")];
    for (let index = 0; index < 7; index++) down.push(net.unit(down.at(-1) ?? ""));
    let value = net.unit(down.at(-1) ?? "");
    for (const skipped of down.reverse()) value = net.unit(net.other("cat", value, skipped));
    const { branches, lanes } = branchesOf(net.layers);
    assert.deepEqual([branches.length, lanes], [4, 5]);
  });

  it("of a network of a thousand layers are found quickly", () => {
    const net = new Net();
    let value = net.unit("input");
    for (let index = 0; index < 500; index++) value = net.other("add", net.unit(net.unit(value)), value);
    assert.equal(branchesOf(net.layers).branches.length, 500);
  });
});
