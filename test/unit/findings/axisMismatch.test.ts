import { strict as assert } from "node:assert";
import { CONV, IMAGE, only, rulesAt, sequential, TAIL } from "./kerasText";

describe("axis-mismatch", () => {
  const model = (conv: string, norm: string, input = "Input((3, 32, 32))"): string =>
    sequential(input, conv, norm, TAIL);
  const FIRST = "layers.Conv2D(8, 3, use_bias=False, data_format='channels_first')";
  it("is found after channels_first with the default axis", () => {
    const finding = only("axis-mismatch", model(FIRST, "layers.BatchNormalization()"));
    assert.match(finding.verdict, /batch_normalization normalizes axis 3, but conv2d puts its channels on axis 1/);
    assert.match(finding.next, /axis=1/);
  });
  it("is found where axis=-1 is written, and fixed", () => {
    const finding = only("axis-mismatch", model(FIRST, "layers.BatchNormalization(axis=-1)"));
    assert.equal(finding.fix?.edits[0]?.newText, "1");
  });
  it("is found for axis=1 after channels_last", () => {
    const written = "layers.Conv2D(8, 3, use_bias=False, data_format='channels_last')";
    assert.equal(
      only("axis-mismatch", model(written, "layers.BatchNormalization(axis=1)", "Input((32, 32, 16))")).fix?.edits[0]
        ?.newText,
      "-1",
    );
    assert.ok(only("axis-mismatch", model(CONV, "layers.BatchNormalization(axis=1)", IMAGE)));
  });
  it("is found over activations and poolings, and with a format set for the file", () => {
    assert.ok(
      only(
        "axis-mismatch",
        sequential(
          "Input((3, 32, 32))",
          FIRST,
          "layers.ReLU()",
          "layers.MaxPooling2D(2, data_format='channels_first')",
          "layers.BatchNormalization()",
        ),
      ),
    );
    assert.ok(
      only("axis-mismatch", `K.set_image_data_format('channels_first')\n${model(CONV, "layers.BatchNormalization()")}`),
    );
  });
  it("is found for an axis between the first and the last, which is wrong in every format", () => {
    const cube = "layers.Conv3D(8, 2, use_bias=False)";
    const finding = only("axis-mismatch", model(cube, "layers.BatchNormalization(axis=3)", "Input((6, 6, 6, 2))"));
    assert.match(finding.verdict, /normalizes axis 3, but conv3d puts its channels on axis 4/);
    assert.match(finding.evidence, /axis 3 has 5 columns of pixels/);
    assert.ok(only("axis-mismatch", model(CONV, "layers.BatchNormalization(axis=2)", "Input((9, 9, 5))")));
    assert.deepEqual(rulesAt(model(cube, "layers.BatchNormalization(axis=4)", "Input((6, 6, 6, 2))")), []);
    assert.deepEqual(rulesAt(model(cube, "layers.BatchNormalization(axis=1)", "Input((6, 6, 6, 2))")), []);
  });
  it("is found over time steps, where their number is no channels", () => {
    const steps = "layers.Conv1D(8, 3, use_bias=False)";
    assert.ok(only("axis-mismatch", model(steps, "layers.BatchNormalization(axis=1)", "Input((500, 12))")));
    assert.deepEqual(rulesAt(model(steps, "layers.BatchNormalization(axis=1)", "Input((12, 500))")), []);
    assert.deepEqual(rulesAt(model(steps, "layers.BatchNormalization()", "Input((500, 12))")), []);
  });
  it("is information after a recurrent layer, where statistics for each step may be meant", () => {
    const lstm = "layers.LSTM(8, return_sequences=True)";
    const finding = only("axis-mismatch", model(lstm, "layers.BatchNormalization(axis=1)", "Input((20, 3))"));
    assert.equal(finding.severity, "information");
    assert.match(finding.verdict, /normalizes axis 1, but lstm puts its features on axis 2/);
    assert.deepEqual(rulesAt(model(lstm, "layers.BatchNormalization()", "Input((20, 3))")), []);
    assert.deepEqual(rulesAt(model("layers.LSTM(8)", "layers.BatchNormalization(axis=1)", "Input((20, 3))")), []);
  });
  it("is not found where the axes agree", () => {
    assert.deepEqual(rulesAt(model(FIRST, "layers.BatchNormalization(axis=1)")), []);
    assert.deepEqual(rulesAt(model(CONV, "layers.BatchNormalization()", IMAGE)), []);
    assert.deepEqual(rulesAt(model(CONV, "layers.BatchNormalization(axis=3)", IMAGE)), []);
  });
  it("is not found where the data format may be another one", () => {
    assert.deepEqual(rulesAt(model(CONV, "layers.BatchNormalization(axis=1)", "Input((3, 32, 32))")), []);
    assert.deepEqual(
      rulesAt(
        `axis = 1 if K.image_data_format() == 'channels_first' else -1\n` +
          `${model(CONV, "layers.BatchNormalization(axis=axis)", IMAGE)}`,
      ),
      [],
    );
  });
  it("is not found after what moves the axes, or without a convolution", () => {
    assert.deepEqual(
      rulesAt(
        sequential("Input((3, 32, 32))", FIRST, "layers.Permute((2, 3, 1))", "layers.BatchNormalization()", TAIL),
      ),
      [],
    );
    assert.deepEqual(
      rulesAt(
        sequential("Input((20, 8))", "layers.Dense(4, use_bias=False)", "layers.BatchNormalization(axis=1)", TAIL),
      ),
      [],
    );
  });
});
