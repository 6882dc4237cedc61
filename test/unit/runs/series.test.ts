import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Series } from "../../../engine/runs/series";

function filled(values: readonly number[], capacity: number): Series {
  const series = new Series(1, capacity);
  values.forEach((value, index) => series.append(index + 1, [value]));
  return series;
}

describe("a series", () => {
  it("gives points as they came while there is room", () => {
    const { x, columns, minima, maxima, version } = filled([3, 1, 2], 8).pointsFrom(1);
    assert.deepEqual(
      [[...x], [...(columns[0] ?? [])], [...(minima[0] ?? [])], [...(maxima[0] ?? [])], version],
      [[2, 3], [1, 2], [1, 2], [1, 2], 0],
    );
  });

  it("stays within its capacity and never loses an extreme, the last value or the last step", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), {
          minLength: 1,
          maxLength: 300,
        }),
        fc.integer({ min: 2, max: 32 }),
        (values, capacity) => {
          const series = filled(values, capacity);
          const { x, columns, minima, maxima } = series.pointsFrom(0);
          assert.ok(x.length <= capacity);
          assert.equal(Math.min(...(minima[0] ?? [])), Math.min(...values));
          assert.equal(Math.max(...(maxima[0] ?? [])), Math.max(...values));
          assert.equal(x.at(-1), values.length);
          assert.equal(columns[0]?.at(-1), values.at(-1));
          assert.deepEqual(
            [...x],
            [...x].sort((a, b) => a - b),
          );
        },
      ),
    );
  });

  it("is followed exactly by a reader that takes new points, and the last one again once it is thinned", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 2, max: 16 }),
        (portions, capacity) => {
          const series = new Series(1, capacity);
          let copy: number[] = [];
          let seen = { version: -1, length: 0 };
          let step = 0;
          for (const portion of portions) {
            for (let row = 0; row < portion; row++) series.append(++step, [step % 7]);
            const start = seen.version === series.version ? Math.max(0, seen.length - Number(series.isThinned)) : 0;
            copy = [...copy.slice(0, start), ...(series.pointsFrom(start).maxima[0] ?? [])];
            seen = { version: series.version, length: series.length };
            assert.deepEqual(copy, [...(series.pointsFrom(0).maxima[0] ?? [])]);
          }
          assert.equal(series.rows, step);
        },
      ),
    );
  });

  it("grows its version when points that were handed out change, and only then", () => {
    const series = new Series(1, 4);
    const versions = Array.from({ length: 6 }, (_, index) => {
      series.append(index, [index]);
      return series.version;
    });
    assert.deepEqual(versions.slice(0, 4), [0, 0, 0, 0]);
    assert.ok((versions[4] ?? 0) > 0);
  });

  it("keeps what was not measured as NaN, also through merging", () => {
    const series = new Series(1, 2);
    for (const [step, value] of [
      [1, null],
      [2, null],
      [3, 5],
      [4, null],
    ] as const)
      series.append(step, [value]);
    const { columns, maxima } = series.pointsFrom(0);
    assert.ok(Number.isNaN(columns[0]?.[0]));
    assert.equal(maxima[0]?.at(-1), 5);
  });
});
