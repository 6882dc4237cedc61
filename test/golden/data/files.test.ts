/** Data files as other programs write them; files.json contains what expected.py printed. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { arrangeParts } from "../../../engine/data/arrangeParts";
import { decodeCifar } from "../../../engine/data/cifarFolder";
import { decodeCsv } from "../../../engine/data/csvFile";
import { decodeNpy } from "../../../engine/data/npy";
import { decodeNpz } from "../../../engine/data/numpySets";
import { openDataset } from "../../../engine/data/openDataset";
import { decodePng } from "../../../engine/data/pngFolder";
import { openDataFor } from "../../../engine/training/dataFit";
import { ProblemError } from "../../../engine/protocol/problems";

const files = JSON.parse(readFileSync(join(process.cwd(), "test/golden/data/files.json"), "utf8")) as Record<
  string,
  string
>;
const bytesOf = (name: string): Uint8Array => Uint8Array.from(Buffer.from(files[name] ?? "", "base64"));

describe("NumPy files", () => {
  const read = (name: string): unknown[] => {
    const { shape, values } = decodeNpy("a.npy", bytesOf(name));
    return [shape, values.constructor.name, [...values]];
  };
  it("contain numbers of every kind", () => {
    assert.deepEqual(read("u1"), [[2, 3, 4], "Uint8Array", [...Array(24).keys()]]);
    assert.deepEqual(read("f4"), [[1, 2], "Float32Array", [1.5, -2.25]]);
    assert.deepEqual(read("f8 big-endian"), [[2], "Float32Array", [0.5, 2e5]]);
    assert.deepEqual(read("i8"), [[3], "Float32Array", [3, -1, 7]]);
  });
  it("are refused where their values would be read wrongly", () => {
    assert.throws(() => read("fortran"), /Fortran order; save it with numpy.ascontiguousarray/);
    assert.throws(() => read("text"), /NumPy type U1/);
    assert.throws(
      () => decodeNpy("a.npy", bytesOf("u1").subarray(0, 140)),
      /a\.npy is truncated: it has 140 of 152 bytes/,
    );
  });
});

describe("PNG images", () => {
  const values = (name: string): number[] => [...decodePng("a.png", bytesOf(name)).values];
  it("have pixels of every kind", () => {
    assert.deepEqual(values("gray 1"), [255, 0, 255, 0, 0, 0, 0, 0, 0, 255, ...Array<number>(10).fill(255)]);
    assert.deepEqual(values("gray 4"), [0, 255, 136]);
    assert.deepEqual(values("gray 8"), [0, 255, 128, 7]);
    assert.deepEqual(values("gray 16"), [0x12, 0xff]);
    assert.deepEqual(
      values("rgb"),
      [...Array(12).keys()].map((value) => value + 1),
    );
    assert.deepEqual(values("rgb and alpha"), [9, 8, 7, 0]);
    assert.deepEqual(values("palette of 2 bits"), [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 40, 50, 60]);
  });
  it("may not claim more than they can be", () => assert.throws(() => values("a bomb"), /claims 60000×60000 pixels/));
});

describe("data by their path", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-formats-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: Uint8Array | string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const record = (label: number, value: number): number[] => [label, ...Array<number>(3072).fill(value)];

  it("are NumPy archives, with channels where PyTorch has them", () => {
    const { shape, classes, train, test } = openDataset(write("set.npz", bytesOf("compressed npz")));
    assert.deepEqual(
      [shape, classes, train.count, test.count, [...train.labels], [...test.labels]],
      [[3, 6, 5], 3, 2, 1, [1, 0], [2]],
    );
    assert.deepEqual([...train.values.subarray(0, 3), ...train.values.subarray(30, 32)], [0, 3, 6, 1, 4]);
  });
  it("are split the same way each time where they come in one part", () => {
    const path = write("set.npz", bytesOf("npz in one part"));
    const { shape, train, test } = openDataset(path);
    assert.deepEqual([shape, train.count, test.count], [[2], 4, 1]);
    assert.deepEqual(
      [...train.values, ...test.values].sort((a, b) => a - b),
      [...Array(10).keys()],
    );
    assert.deepEqual(openDataset(path), openDataset(path));
  });
  it("are NumPy archives with an array for each input of a model", () => {
    const { shape, parts, classes, train, test } = openDataset(
      write("set.npz", bytesOf("npz with several inputs and a test part")),
    );
    assert.deepEqual(
      [shape, parts, classes, [...train.labels], [...test.labels]],
      [
        [14],
        [
          { name: "facts", shape: [2] },
          { name: "picture", shape: [1, 3, 4] },
        ],
        3,
        [0, 1, 2],
        [1],
      ],
    );
    assert.deepEqual([...train.values.subarray(0, 5), ...train.values.subarray(26, 30)], [0, 1, 0, 1, 2, 22, 23, 4, 5]);
    assert.deepEqual([...test.values.subarray(0, 4)], [-1, -2, 0, 1]);
    // Bytes beside other numbers are what they would be by themselves.
    const mixed = openDataset(write("mixed.npz", bytesOf("npz with several inputs")));
    assert.deepEqual([mixed.train.count, mixed.test.count, mixed.classes], [4, 1, 2]);
    const [first = -1, second = -1, pixel = -1] = mixed.train.values;
    assert.equal(second, first + 1);
    assert.equal(pixel, Math.fround((first * 6) / 255));
  });
  it("are refused when half of a test part is missing", () => {
    assert.throws(
      () => openDataset(write("half.npz", bytesOf("npz with half a test part"))),
      /half\.npz can't be used as data: its test set has only facts_test\./,
    );
    assert.throws(
      () => openDataset(write("half.npz", bytesOf("npz without test labels"))),
      /its test set has only x_test\./,
    );
  });
  it("give each input the array of its name", () => {
    const dataset = openDataset(write("set.npz", bytesOf("npz with several inputs and a test part")));
    const turned = arrangeParts(dataset, ["picture", "facts"]);
    assert.deepEqual(
      turned.parts?.map(({ name }) => name),
      ["picture", "facts"],
    );
    assert.deepEqual([...turned.train.values.subarray(14 + 10, 28)], [22, 23, 2, 3]);
    assert.equal(arrangeParts(dataset, ["facts", "picture"]), dataset);
    assert.equal(arrangeParts(dataset, ["facts", "image"]), dataset);
    // As a run opens it.
    const inputs = ["picture", "facts"].map((name) => ({ id: name, name, shape: null }));
    assert.deepEqual(openDataFor({ inputs }, { data: join(folder, "set.npz"), split: undefined }), turned);
  });
  it("are folders of NumPy files", () => {
    write("x_train.npy", bytesOf("u1"));
    write("y_train.npy", bytesOf("labels"));
    const { shape, classes, train, test } = openDataset(folder);
    assert.deepEqual([shape, classes, train.count, test.count], [[1, 3, 4], 2, 1, 1]);
    assert.deepEqual(
      [...train.values, ...test.values].sort((a, b) => a - b),
      [...Array(24).keys()],
    );
    write("y_train.npy", bytesOf("i8"));
    assert.throws(() => openDataset(folder), /there are 3 labels for 2 samples/);
    write("y_train.npy", bytesOf("f4"));
    assert.throws(() => openDataset(folder), /there are 1×2 labels for 2 samples/);
  });
  it("are CIFAR-10's records", () => {
    write("data_batch_1.bin", Uint8Array.from([...record(3, 7), ...record(9, 8)]));
    write("data_batch_2.bin", Uint8Array.from(record(0, 9)));
    assert.throws(() => openDataset(folder), /test_batch\.bin/);
    write("test_batch.bin", Uint8Array.from(record(1, 6)));
    const { shape, train, test } = openDataset(folder);
    assert.deepEqual(
      [shape, [...train.labels], [...test.labels], train.values[3072 * 2]],
      [[3, 32, 32], [3, 9, 0], [1], 9],
    );
    write("data_batch_2.bin", Uint8Array.from(record(0, 9)).subarray(0, 3000));
    assert.throws(() => openDataset(folder), /data_batch_2\.bin is truncated: it has 3000 of 3073 bytes/);
    write("data_batch_2.bin", Uint8Array.from(record(10, 9)));
    assert.throws(() => openDataset(folder), /image 1 has the label 10/);
  });
  it("are folders of PNG images, one for each class", () => {
    for (const part of ["train", "val"]) {
      write(`${part}/cat/1.png`, bytesOf("gray 8"));
      write(`${part}/dog/1.png`, bytesOf("rgb"));
    }
    const { shape, classes, train, test } = openDataset(folder);
    assert.deepEqual([shape, classes, [...train.labels], test.count], [[3, 2, 2], 2, [0, 1], 2]);
    assert.deepEqual(
      [...train.values],
      [0, 255, 128, 7, 0, 255, 128, 7, 0, 255, 128, 7, 1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12],
    );
    write("train/dog/2.png", bytesOf("gray 4"));
    assert.throws(() => openDataset(folder), /dog.2\.png .*it has 1×3 pixels, but the first image has 2×2/);
  });
  it("are split at the share that is asked for, and not where a test part is there", () => {
    const path = write(
      "points.csv",
      Buffer.from(`x,label\n${Array.from({ length: 40 }, (_, row) => `${row},${row % 2}`).join("\n")}\n`),
    );
    const counts = (share?: number): number[] => [
      openDataset(path, share).train.count,
      openDataset(path, share).test.count,
    ];
    assert.deepEqual(
      [counts(), counts(0.5), counts(0.001), counts(0.999)],
      [
        [32, 8],
        [20, 20],
        [39, 1],
        [1, 39],
      ],
    );
    const { train, test } = openDataset(path, 0.3);
    assert.equal(new Set([...train.values, ...test.values]).size, 40);
    assert.deepEqual(openDataset(path, 0.3), openDataset(path, 0.3));
    assert.throws(() => openDataset("blobs", 0.3), /blobs has its own test samples/);
  });
  it("are generated sets, the same each time", () => {
    for (const [name, shape] of [
      ["shapes", [3, 32, 32]],
      ["blobs", [2]],
      ["spirals", [2]],
      ["noise:4x3x5", [4, 3, 5]],
      ["noise:4x3x5,7", [67]],
    ] as const) {
      const set = openDataset(name);
      assert.deepEqual(set.shape, shape);
      assert.equal(
        set.train.values.length,
        set.train.count * shape.reduce<number>((product, size) => product * size, 1),
      );
      assert.equal(new Set(set.train.labels).size, set.classes);
      assert.deepEqual(openDataset(name).test, set.test);
    }
  });
  it("are named when nothing is known of them", () => {
    assert.throws(() => openDataset(folder), /no IDX files, CIFAR-10 files, \.npy files or folders of PNG images/);
    assert.throws(() => openDataset("noise:0x3"), /there is no such folder/);
  });
});

describe("Tables", () => {
  const read = (text: string): unknown[] => {
    const { set, classes, features } = decodeCsv("t.csv", text);
    return [features, classes, [...set.values], [...set.labels]];
  };
  it("have their label in the column that says so, else in the last", () => {
    assert.deepEqual(read("a,Label,b\n1,0,2\n3,1,4\n"), [2, 2, [1, 2, 3, 4], [0, 1]]);
    assert.deepEqual(read("1;2;0\n3;4;2\n"), [2, 3, [1, 2, 3, 4], [0, 2]]);
    assert.deepEqual(read("\uFEFF5.1\t3.5\tsetosa\r\n6.2\t2.9\tvirginica\r\n\r\n"), [
      2,
      2,
      [5.1, 3.5, 6.2, 2.9].map(Math.fround),
      [0, 1],
    ]);
    assert.deepEqual(read('"x, y",class\n"1.5",no\n2,yes\n'), [1, 2, [1.5, 2], [0, 1]]);
  });
  it("say which value is missing or no number", () => {
    assert.throws(() => read("a,b,label\n1,,0\n"), /column b of row 2 has no value; fill it in, or remove the row/);
    assert.throws(() => read("1,?,0\n1,2,0\n"), /column 2 of row 1 has no value/);
    assert.throws(() => read("a,label\n1e50,0\n"), /column a of row 2 is not a valid number: "1e50"/);
    assert.throws(() => read("a,b,label\n1,2,0\n1,2\n"), /row 3 has 2 columns, but the first row has 3/);
    assert.throws(() => read("a,label\n1,\n"), /row 2 has no label/);
    assert.throws(() => read(""), /it is empty/);
    assert.throws(() => read("a,label\n"), /a header and no rows/);
    assert.throws(() => read("label\n1\n"), /it has one column/);
  });
});

describe("Readers of bytes", () => {
  const readers: [string, (bytes: Uint8Array) => unknown, string[]][] = [
    ["NumPy", (bytes) => decodeNpy("f", bytes), ["u1", "f4", "i8"]],
    [
      "NumPy archives",
      (bytes) => [...decodeNpz("f", bytes)].map(([name, part]) => decodeNpy(name, part)),
      ["compressed npz", "npz in one part"],
    ],
    ["PNG", (bytes) => decodePng("f", bytes), ["gray 1", "gray 16", "rgb", "palette of 2 bits"]],
    ["CIFAR-10", (bytes) => decodeCifar("f", bytes), ["u1"]],
    ["tables", (bytes) => decodeCsv("f", new TextDecoder().decode(bytes)), ["u1", "rgb"]],
  ];
  for (const [what, read, samples] of readers) {
    it(`of ${what} throw nothing but problems with a name, whatever the bytes are`, () => {
      const change = fc.record({ at: fc.nat(400), to: fc.nat(255) });
      const damaged = fc
        .tuple(fc.constantFrom(...samples), fc.array(change, { maxLength: 6 }), fc.option(fc.nat(400)))
        .map(([name, changes, length]) => {
          const bytes = bytesOf(name);
          for (const { at, to } of changes) bytes[at % bytes.length] = to;
          return bytes.subarray(0, length ?? bytes.length);
        });
      fc.assert(
        fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
          try {
            read(bytes);
          } catch (error) {
            assert.ok(error instanceof ProblemError, String(error));
          }
        }),
        { numRuns: 400 },
      );
    });
  }
});
