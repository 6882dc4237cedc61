import assert from "node:assert/strict";
import {
  counted,
  fileName,
  listed,
  percent,
  sigma,
  thousands,
  tick,
  times,
  twoDigits,
  withoutMiddle,
} from "../../../webview/ui/format";

function check(format: (value: number) => string, cases: readonly (readonly [number, string])[]): void {
  for (const [value, expected] of cases) assert.equal(format(value), expected, String(value));
}

describe("numbers as text", () => {
  it("gives two digits", () => {
    check(twoDigits, [
      [12.4, "12"],
      [9.96, "10"],
      [1.24, "1.2"],
      [0.996, "1.0"],
      [0.78, "0.78"],
      [0.104, "0.10"],
      [0.0046, "0.005"],
      [0.0001, "<0.001"],
      [0, "0"],
      [-0.42, "−0.42"],
      [2914, "2\u202f914"],
      [2.7e38, "2.7e38"],
    ]);
  });

  it("shows what is not known as a dash, never as 0", () => {
    for (const format of [twoDigits, sigma, percent, thousands, times]) assert.equal(format(Number.NaN), "–");
    assert.equal(percent(Number.POSITIVE_INFINITY), "–");
  });

  it("keeps numbers and units on one line", () => {
    check(sigma, [[0.883, "0.88\u00a0σ"]]);
    check(percent, [
      [0.453, "45.3\u00a0%"],
      [1, "100.0\u00a0%"],
    ]);
  });

  it("puts a thin space between thousands", () =>
    check(thousands, [
      [0, "0"],
      [999, "999"],
      [1240, "1\u202f240"],
      [1234567, "1\u202f234\u202f567"],
      [-4000, "−4\u202f000"],
    ]));

  it("keeps ticks short", () =>
    check(tick, [
      [0, "0"],
      [0.25, "0.25"],
      [-1.5, "−1.5"],
      [2000, "2\u202f000"],
      [0.00001, "1e−5"],
      [1e7, "1e7"],
    ]));

  it("takes the middle out of long names", () => {
    assert.equal(withoutMiddle("bn1", 19), "bn1");
    const short = withoutMiddle("features.denseblock4.denselayer24.norm2", 19);
    assert.equal(short.length, 19);
    assert.ok(short.startsWith("features.") && short.endsWith(".norm2") && short.includes("…"), short);
  });

  it("counts, lists and names files", () => {
    assert.equal(counted(1, "layer"), "1 layer");
    assert.equal(counted(20, "layer"), "20 layers");
    assert.equal(listed([1, 2, 3]), "1, 2, 3");
    assert.equal(listed([1, 2, 3, 4]), "1, 2, 3, …");
    assert.equal(fileName("C:\\models\\net.py"), "net.py");
  });
});
