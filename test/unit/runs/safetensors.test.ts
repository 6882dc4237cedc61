import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from "../../../engine/runs/safetensors";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../engine/training/session";
import { loadStateDict, stateDict } from "../../../engine/training/stateDict";
import { digitsMlp } from "../support/graphs";

const tensors: readonly NamedTensor[] = [
  { name: "fc.weight", shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, 1e-30, NaN) },
  { name: "bn.num_batches_tracked", shape: [], values: BigInt64Array.of(12345678901n) },
];

/** A file of one tensor with the given entry of its header. */
const file = (entry: unknown, data: Uint8Array = new Uint8Array()): Uint8Array =>
  withHeader({ __metadata__: { format: "pt" }, w: entry }, data);

function withHeader(json: unknown, data: Uint8Array): Uint8Array {
  const header = Buffer.from(JSON.stringify(json));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

const malformed = (bytes: Uint8Array): string => {
  const decoded = decodeSafetensors(bytes);
  return "malformed" in decoded ? decoded.malformed : "read";
};

describe("safetensors", () => {
  it("come back as they were", () => {
    assert.deepEqual(decodeSafetensors(encodeSafetensors(tensors)), { tensors, metadata: {} });
    const empty = { name: "none", shape: [0, 3], values: new Float32Array() };
    assert.deepEqual(decodeSafetensors(encodeSafetensors([empty, ...tensors])), {
      tensors: [empty, ...tensors],
      metadata: {},
    });
    assert.deepEqual(decodeSafetensors(encodeSafetensors(tensors, { made: "by hand" })), {
      tensors,
      metadata: { made: "by hand" },
    });
  });

  it("are read in other types", () => {
    const read = (dtype: string, bytes: number[]): number[] => {
      const decoded = decodeSafetensors(
        file({ dtype, shape: [1], data_offsets: [0, bytes.length] }, Uint8Array.from(bytes)),
      );
      return "tensors" in decoded ? [...(decoded.tensors[0]?.values as Float32Array)] : [];
    };
    assert.deepEqual(read("F16", [0x00, 0x3e]), [1.5]);
    assert.deepEqual(read("BF16", [0xc0, 0x3f]), [1.5]);
    assert.deepEqual(read("F64", [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]), [1.5]);
  });

  it("say what is wrong with them", () => {
    assert.match(malformed(new Uint8Array(3)), /3 bytes/);
    assert.match(malformed(Uint8Array.from([255, 255, 255, 255, 255, 255, 0, 0])), /its header should be/);
    assert.match(malformed(file("nothing")), /not a JSON object of tensors/);
    assert.match(
      malformed(file({ dtype: "F32", shape: [2], data_offsets: [0, 8] }, new Uint8Array(4))),
      /outside the file/,
    );
    assert.match(
      malformed(file({ dtype: "F32", shape: [2], data_offsets: [0, 4] }, new Uint8Array(4))),
      /has 4 bytes, but its shape needs 8/,
    );
    assert.match(
      malformed(file({ dtype: "C64", shape: [1], data_offsets: [0, 8] }, new Uint8Array(8))),
      /the type C64/,
    );
    const overlapping = {
      a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      b: { dtype: "F32", shape: [1], data_offsets: [4, 8] },
    };
    assert.match(malformed(withHeader(overlapping, new Uint8Array(8))), /overlap another tensor's/);
  });

  it("are refused when their offsets are wrong: tensors must be side by side and fill the file", () => {
    const offset = fc.oneof(fc.nat(24), fc.constantFrom(-4, 1e9, 2 ** 53));
    const entry = fc.record({
      dtype: fc.constantFrom("F32", "I64", "F16"),
      shape: fc.array(fc.oneof(fc.nat(4), fc.constantFrom(2 ** 31, 1e300)), { maxLength: 3 }),
      data_offsets: fc.tuple(offset, offset),
    });
    const valid = {
      a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
      b: { dtype: "I64", shape: [1], data_offsets: [8, 16] },
    };
    let read = 0;
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("a", "b", "c"), entry),
        fc.boolean(),
        fc.nat(24),
        (lies, isLying, size) => {
          const decoded = decodeSafetensors(
            withHeader({ ...valid, ...(isLying ? lies : {}) }, new Uint8Array(isLying ? size : 16)),
          );
          if ("malformed" in decoded) return;
          read += 1;
          assert.equal(
            decoded.tensors.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0),
            decoded.tensors.reduce((sum, { values }) => sum + values.length, 0),
          );
        },
      ),
      { numRuns: 500 },
    );
    assert.ok(read > 0);
    assert.match(
      malformed(withHeader({ ...valid, b: { ...valid.b, data_offsets: [12, 20] } }, new Uint8Array(20))),
      /4 bytes before the values of b/,
    );
    assert.equal(
      malformed(withHeader({ ...valid, c: { dtype: "F32", shape: [0], data_offsets: [8, 8] } }, new Uint8Array(16))),
      "read",
    );
    assert.match(malformed(withHeader(valid, new Uint8Array(20))), /4 bytes after its tensors/);
  });

  it("never throw, whatever the bytes are", () => {
    const valid = encodeSafetensors(tensors);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(valid.length),
        (changes, length) => {
          const bytes = valid.slice(0, length);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          decodeSafetensors(bytes);
        },
      ),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeSafetensors(bytes)));
  });
});

describe("A model's state", () => {
  const session = (seed: number): TrainingSession =>
    new TrainingSession({ graph: digitsMlp(), batchSize: 4, optimizer: "sgd", seed, kernels: chooseKernels() });

  it("has PyTorch's names, and initialises another session", () => {
    const trained = session(1);
    trained.trainStep(
      {
        count: 4,
        samples: new Float32Array(4 * 784).map((_, index) => Math.sin(index)),
        labels: Int32Array.of(0, 1, 2, 3),
      },
      0.1,
    );
    const state = stateDict(trained);
    assert.deepEqual(
      state.map(({ name }) => name),
      [
        "fc1.weight",
        "fc1.bias",
        "bn1.weight",
        "bn1.bias",
        "bn1.running_mean",
        "bn1.running_var",
        "bn1.num_batches_tracked",
        "out.weight",
        "out.bias",
      ],
    );
    const other = session(2);
    assert.equal(loadStateDict(other, state), null);
    assert.deepEqual(stateDict(other), state);
  });

  it("is refused as a whole when anything does not fit", () => {
    const target = session(3);
    const before = stateDict(target);
    const state = stateDict(session(1));
    assert.equal(
      loadStateDict(target, [...state, { name: "extra", shape: [1], values: Float32Array.of(1) }]),
      "the model has no extra",
    );
    assert.equal(loadStateDict(target, state.slice(1)), "fc1.weight is missing");
    assert.equal(
      loadStateDict(
        target,
        state.map((tensor) => (tensor.name === "out.bias" ? { ...tensor, shape: [5] } : tensor)),
      ),
      "out.bias has the shape 5, but the model needs 10",
    );
    assert.deepEqual(stateDict(target), before);
    assert.equal(
      loadStateDict(
        target,
        state.filter(({ name }) => !name.endsWith("num_batches_tracked")),
      ),
      null,
    );
  });
});
