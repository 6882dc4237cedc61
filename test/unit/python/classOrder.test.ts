/** Python's order of classes, on the examples of its own paper and on generated hierarchies. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { classesAfter, classOrder } from "../../../engine/python/classOrder";

type Hierarchy = Readonly<Record<string, readonly string[]>>;

/** Orders of classes that are defined one after the other; null from the first one that Python refuses. */
function ordersOf(hierarchy: Hierarchy): Map<string, readonly string[] | null> {
  const orders = new Map<string, readonly string[] | null>();
  for (const [name, bases] of Object.entries(hierarchy)) {
    const isWhole = bases.every((base) => orders.get(base) !== null);
    const orderOf = (base: string): readonly string[] => orders.get(base) ?? [base];
    orders.set(name, isWhole ? classOrder(name, bases, { orderOf, isSame: (a, b) => a === b }) : null);
  }
  return orders;
}

const check = (hierarchy: Hierarchy, name: string, expected: string | null): void =>
  assert.deepEqual(ordersOf(hierarchy).get(name), expected === null ? null : expected.split(" "));

describe("the order of classes", () => {
  it("asks both sides of a diamond before what they share", () => {
    check({ O: [], Left: ["O"], Right: ["O"], Net: ["Left", "Right"] }, "Net", "Net Left Right O");
  });

  it("is that of the examples in Python's paper", () => {
    const first = { O: [], F: ["O"], E: ["O"], D: ["O"], C: ["D", "F"], B: ["D", "E"], A: ["B", "C"] };
    check(first, "A", "A B C D E F O");
    check({ ...first, B: ["E", "D"] }, "A", "A B E C D F O");
    check({ O: [], X: ["O"], Y: ["O"], A: ["X", "Y"], B: ["Y", "X"], Z: ["A", "B"] }, "Z", null);
  });

  it("keeps every base after its class, and bases in the order they were named", () => {
    const hierarchies = fc.array(fc.uniqueArray(fc.nat(5), { maxLength: 3 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(hierarchies, (lists) => {
        const hierarchy = Object.fromEntries(
          lists.map((bases, index) => [`C${index}`, bases.filter((base) => base < index).map((base) => `C${base}`)]),
        );
        for (const [name, order] of ordersOf(hierarchy)) {
          if (order === null) continue;
          assert.equal(order[0], name);
          assert.equal(new Set(order).size, order.length);
          for (const cls of order) {
            const places: number[] = [cls, ...(hierarchy[cls] ?? [])].map((entry: string) => order.indexOf(entry));
            assert.deepEqual(
              places,
              [...places].sort((a, b) => a - b),
            );
          }
        }
      }),
    );
  });

  it("continues after a class for super()", () => {
    assert.deepEqual(classesAfter(["A", "B", "C"], "A"), ["B", "C"]);
    assert.deepEqual(classesAfter(["A", "B", "C"], "D"), []);
  });
});
