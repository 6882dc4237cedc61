import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Envelopes, pointsOf } from "../../../engine/runs/binning";

describe("samples on pixels", () => {
  const samples = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), value: fc.float() }), {
    minLength: 1,
    maxLength: 300,
  });

  it("keep the first, the last and every extreme", () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 60 }), (list, points) => {
        let step = 0;
        const steps = Float64Array.from(list, ({ gap }) => (step += gap));
        const { x, pointOf } = pointsOf(steps, points);
        const envelopes = new Envelopes(1, ["last", "minimum", "maximum"], x.length, true);
        list.forEach(({ value }, sample) => envelopes.put(0, pointOf?.[sample] ?? sample, sample, value));
        const edge = (index: number): Float32Array =>
          envelopes.values.subarray(index * x.length, (index + 1) * x.length);
        const finite = list.map(({ value }) => value).filter(Number.isFinite);
        assert.deepEqual([x[0], x.at(-1)], [steps[0], steps.at(-1)]);
        assert.ok(x.length <= Math.max(2 * points, 3));
        assert.ok(x.every((at, index) => index === 0 || at > (x[index - 1] ?? 0)));
        // Adding 0 makes 0 of −0.
        assert.equal(Math.min(...edge(1).filter(Number.isFinite)) + 0, Math.min(...finite) + 0);
        assert.equal(Math.max(...edge(2).filter(Number.isFinite)) + 0, Math.max(...finite) + 0);
        const measured = list.map(({ value }) => (Number.isFinite(value) ? value : Number.NaN));
        if (pointOf === null) assert.deepEqual([...edge(0)], measured);
        assert.ok(
          edge(0).every((last, index) => Number.isNaN(last) || (last >= edge(1)[index]! && last <= edge(2)[index]!)),
        );
      }),
    );
  });

  it("where nothing finite was measured are NaN", () => {
    const envelopes = new Envelopes(1, ["minimum", "last"], 2, true);
    for (const value of [NaN, Infinity, -Infinity, 1e300]) envelopes.put(0, 0, 0, value);
    envelopes.put(0, 1, 1, 2);
    assert.deepEqual([...envelopes.values], [NaN, 2, NaN, 2]);
  });
});
