import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { SeriesBlock } from "../../../engine/protocol/series";
import { type PanelUpdate, packUpdate, unpackUpdate } from "../../../webview/protocol";

const number = fc.float({ noDefaultInfinity: true });

/** A block of any shape, its numbers as many as its shape asks for. */
const block: fc.Arbitrary<SeriesBlock> = fc
  .record({
    layers: fc.option(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), { nil: null }),
    columns: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    edges: fc.uniqueArray(fc.constantFrom("last", "minimum", "maximum"), { minLength: 1 }),
    start: fc.nat(10),
    points: fc.nat(6),
  })
  .chain(({ layers, columns, edges, start, points }) => {
    const count = (layers?.length ?? 1) * columns.length * edges.length * points;
    return fc
      .tuple(
        fc.array(fc.nat(), { minLength: points, maxLength: points }),
        fc.array(number, { minLength: count, maxLength: count }),
      )
      .map(([x, values]) => ({
        kind: "norm" as const,
        layers,
        columns,
        edges,
        start,
        x: Float64Array.from(x),
        values: Float32Array.from(values),
      }));
  });

const update = (series: readonly SeriesBlock[]): PanelUpdate => ({
  sequence: 7,
  look: 3,
  runs: [
    { id: "r", changed: { state: "running", step: 3 }, series },
    { id: "s", changed: {}, series },
  ],
  comparison: null,
});

describe("an update on its way to a panel", () => {
  it("arrives as it was sent", () =>
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), (series) =>
        assert.deepEqual(unpackUpdate(packUpdate(update(series))), update(series)),
      ),
    ));

  it("carries all numbers in two arrays: VS Code counts a message's buffers in one byte", () => {
    const series = Array.from(
      { length: 200 },
      (_, index): SeriesBlock => ({
        kind: "gap",
        layers: [`l${index}`],
        columns: ["gap"],
        edges: ["last"],
        start: 0,
        x: Float64Array.of(1),
        values: Float32Array.of(2),
      }),
    );
    const buffers = new Set<ArrayBufferLike>();
    JSON.stringify(packUpdate(update(series)), (_, value: unknown) =>
      ArrayBuffer.isView(value) ? buffers.add(value.buffer) && null : value,
    );
    assert.equal(buffers.size, 2);
  });
});
