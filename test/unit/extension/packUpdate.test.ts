import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Series } from "../../../engine/runs/series";
import { type PanelUpdate, packUpdate, unpackUpdate } from "../../../webview/protocol";

const view = {
  id: "r",
  state: "running",
  run: null,
  step: 3,
  problem: null,
  badLines: [],
  editedLayers: [],
  controllable: true,
} as const;

describe("an update on its way to a panel", () => {
  it("arrives as it was sent, thinned series with their envelopes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.float({ noDefaultInfinity: true }), { maxLength: 20 }), { maxLength: 4 }),
        (rows) => {
          const slices = rows.map((values, index) => {
            const series = new Series(2, 6);
            values.forEach((value, step) => series.append(step + 1, [value, Number.isNaN(value) ? null : value / 2]));
            return { key: `norm/layer${index}` as const, start: 0, ...series.pointsFrom(0) };
          });
          const update: PanelUpdate = { sequence: 7, runs: [{ ...view, series: slices }] };
          assert.deepEqual(unpackUpdate(packUpdate(update)), update);
        },
      ),
    );
  });

  it("carries all numbers in one array: VS Code counts a message's buffers in one byte", () => {
    const slices = Array.from({ length: 200 }, (_, index) => ({
      key: `gap/l${index}` as const,
      version: 0,
      start: 0,
      x: Float64Array.of(1),
      columns: [Float32Array.of(2)],
      minima: [Float32Array.of(2)],
      maxima: [Float32Array.of(2)],
    }));
    const packed = packUpdate({ sequence: 1, runs: [{ ...view, series: slices }] });
    const buffers = new Set<ArrayBufferLike>();
    JSON.stringify(packed, (_, value: unknown) =>
      ArrayBuffer.isView(value) ? buffers.add(value.buffer) && null : value,
    );
    assert.equal(buffers.size, 1);
  });
});
