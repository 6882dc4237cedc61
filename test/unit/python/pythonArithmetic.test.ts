import { strict as assert } from "node:assert";
import { arithmetic } from "../../../engine/python/pythonArithmetic";

describe("Arithmetic on numbers in the text", () => {
  const cases: [number, string, number, number | null][] = [
    [7, "//", 2, 3],
    [-7, "//", 2, -4],
    [-7, "%", 3, 2],
    [7, "%", -3, -2],
    [1, "//", 0, null],
    [1, "%", 0, null],
    [1, "/", 0, null],
    [0, "**", -1, null],
    [-8, "**", 1 / 3, null],
    [1e308, "*", 10, null],
    [2, "**", 10, 1024],
    [5, "@", 3, null],
    [5, "toString", 3, null],
  ];
  for (const [left, operator, right, expected] of cases) {
    it(`${left} ${operator} ${right} is ${expected}, as in Python`, () =>
      assert.equal(arithmetic(operator, left, right), expected));
  }
});
