import { strict as assert } from "node:assert";
import { pictureOf, pictureSize, rowOf } from "../../../engine/data/samplePicture";

describe("a sample as a person looks at it", () => {
  const sizeOf = (...shape: number[]) => pictureSize({ shape });
  const picture = (shape: readonly number[], values: Uint8Array | Float32Array, sample = 0, count = 1): number[] => {
    const size = pictureSize({ shape });
    assert.ok(size);
    return [...pictureOf({ shape }, { count, values, labels: new Uint8Array(count) }, sample, size)];
  };

  it("is an image of at most 64 pixels on each side", () => {
    assert.deepEqual(sizeOf(1, 28, 28), { channels: 1, height: 28, width: 28 });
    assert.deepEqual(sizeOf(3, 64, 64), { channels: 3, height: 64, width: 64 });
    assert.deepEqual(sizeOf(3, 224, 224), { channels: 3, height: 56, width: 56 });
    assert.deepEqual(sizeOf(1, 65, 3), { channels: 1, height: 33, width: 2 });
    assert.deepEqual(sizeOf(2, 8, 8), { channels: 1, height: 8, width: 8 }, "the first of two channels");
  });

  it("is no image where samples are rows, sequences or several arrays", () => {
    assert.equal(sizeOf(4), null);
    assert.equal(sizeOf(1, 128), null);
    const part = { name: "", shape: [3, 8, 8] };
    assert.equal(pictureSize({ shape: [3, 8, 16], parts: [part, part] }), null);
  });

  it("has the bytes of its own sample, and of a reduced image their means", () => {
    assert.deepEqual(picture([1, 2, 2], Uint8Array.of(0, 0, 0, 0, 9, 8, 7, 255), 1, 2), [9, 8, 7, 255]);
    const wide = Uint8Array.from({ length: 128 }, (_, at) => (at % 2 === 0 ? 100 : 200));
    assert.deepEqual([...new Set(picture([1, 1, 128], wide))], [150]);
    const odd = Uint8Array.from({ length: 65 }, (_, at) => (at === 64 ? 40 : 10));
    assert.equal(picture([1, 1, 65], odd).at(-1), 40, "what is left at the edge is averaged over fewer pixels");
  });

  it("has numbers from 0 to 1 as brightness, and others spread over their range", () => {
    assert.deepEqual(picture([1, 1, 2], Float32Array.of(0, 0.5)), [0, 127]);
    assert.deepEqual(picture([1, 1, 3], Float32Array.of(-2, 0, 2)), [0, 127, 255]);
  });

  it("of a table is the first values of its row", () => {
    const values = Float32Array.from({ length: 80 }, (_, at) => at);
    const set = { count: 2, values, labels: new Uint8Array(2) };
    assert.deepEqual(
      rowOf({ shape: [40] }, set, 1),
      Array.from({ length: 32 }, (_, at) => 40 + at),
    );
    assert.equal(rowOf({ shape: [1, 40] }, set, 1), null);
  });
});
