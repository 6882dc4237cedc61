import { strict as assert } from "node:assert";
import { lintSource } from "../../../engine/findings/lintSource";
import { python } from "../support/python";

const net = (shape = "(3, 64, 64)", axis = ""): string => python`
  from keras.models import Model
  from keras.layers import Input, Conv2D, BatchNormalization, Activation
  def build(shape=${shape}):
      i = Input(shape)
      x = Conv2D(16, 3, padding="same", use_bias=False)(i)
      x = BatchNormalization(${axis})(x)
      return Model(i, Activation("relu")(x))
`;
const FIRST = 'from keras import backend as K\nK.set_image_data_format("channels_first")\n';

interface Around {
  readonly callers?: readonly string[];
  readonly modules?: Readonly<Record<string, string>>;
  readonly config?: string;
}

function mismatches(text: string, { callers = [], modules = {}, config }: Around): number {
  const { findings } = lintSource("net.py", text, {
    callers: () => callers.map((caller, index) => ({ path: `main${index}.py`, text: caller })),
    resolveModule: ({ module }) => {
      const source = module === "net" ? text : modules[module];
      return source === undefined ? null : { path: `${module}.py`, text: source };
    },
    readSettings: (path) => (path === "keras.json" && config !== undefined ? { path, text: config } : null),
  });
  return findings.filter(({ rule }) => rule === "axis-mismatch").length;
}

describe("A data format that another file sets", () => {
  const use = "from net import build\nmodel = build()\n";
  const pass = "from net import build\ntrain(build)\n";
  it("counts where every file that imports the model sets it, or imports what does", () => {
    assert.equal(mismatches(net(), { callers: [FIRST + use] }), 1);
    assert.equal(
      mismatches(net(), {
        callers: [FIRST.replace("data_format", "dim_ordering").replace("channels_first", "th") + use],
      }),
      1,
    );
    assert.equal(mismatches(net(), { callers: [`import settings\n${use}`], modules: { settings: FIRST } }), 1);
    assert.equal(mismatches(net(), { callers: [FIRST + pass, pass] }), 0);
    assert.equal(mismatches(net(), { callers: [FIRST + pass, FIRST.replace("first", "last") + pass] }), 0);
    assert.equal(mismatches(net("(3, 64, 64)", "axis=1"), { callers: [FIRST + use] }), 0);
  });
  it("counts where the model's file imports it, or the project has it in keras.json", () => {
    assert.equal(mismatches(`import settings\n${net()}`, { modules: { settings: FIRST } }), 1);
    assert.equal(mismatches(net(), { config: '{"image_data_format": "channels_first"}' }), 1);
    assert.equal(mismatches(net(), { config: '{"image_dim_ordering": "tf"}' }), 0);
    assert.equal(mismatches(net(), {}), 0);
  });
  it("does not count where the model is plainly for another, or a function sets it that may not run", () => {
    assert.equal(mismatches(net("(64, 64, 3)"), { callers: [FIRST + pass] }), 0);
    assert.equal(
      mismatches(net(), { callers: [`def main():\n    ${FIRST.trim().replace("\n", "\n    ")}\n${use}`] }),
      0,
    );
  });
});
