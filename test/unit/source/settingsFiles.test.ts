import { strict as assert } from "node:assert";
import { batchNormLayers } from "../../../engine/protocol/modelGraph";
import { readModelFile } from "../../../engine/source/readModel";
import type { ModelReading } from "../../../engine/source/modelReading";
import { python } from "../support/python";

const HEAD = "import json\nimport os\nfrom pathlib import Path\nimport torch.nn as nn\nimport yaml\n";

function read(load: string, files: Readonly<Record<string, string>>, wide = "settings['wide']"): ModelReading {
  const text = python`
    class Net(nn.Module):
        def __init__(self, name="net.yaml"):
            super().__init__()
            ${load}
            self.fc = nn.Linear(4, ${wide})
            self.bn = nn.BatchNorm1d(${wide})
        def forward(self, x):
            return self.bn(self.fc(x))
  `;
  return readModelFile({
    path: "nets/net.py",
    text: HEAD + text,
    readSettings: (path) => (files[path] === undefined ? null : { path, text: files[path] }),
  });
}

const widths = ({ graph }: ModelReading): number[] =>
  graph === null ? [] : batchNormLayers(graph).map(({ op }) => op.numFeatures);

describe("settings in a file beside the code", () => {
  it("are read however the path is put together and the file is opened", () => {
    const files = { "nets/net.yaml": "wide: 6\n", "net.yaml": "wide: 6\n", "nets/cfg/net.json": '{"wide": 6}' };
    for (const load of [
      "settings = yaml.safe_load(open(Path(__file__).parent / name))",
      "with open(os.path.join(os.path.dirname(__file__), name)) as f: settings = yaml.load(f, Loader=yaml.FullLoader)",
      "settings = yaml.safe_load(Path(name).open())",
      'settings = json.load(open(f"{os.path.dirname(os.path.abspath(__file__))}/cfg/net.json"))',
      "settings = json.loads('{\"wide\": 6}')",
    ])
      assert.deepEqual(widths(read(load, files)), [6], load);
  });
  it("have Python's types", () => {
    const yaml = "size: 8\nhalf: 0.5\nflag: yes\nname: 1e-3\nbase: &b {a: 3}\nmore: {<<: *b, c: [1, 2]}\nnothing: ~\n";
    const load =
      's = yaml.safe_load(open(name)); wide = s["size"] + s["more"]["c"][1] if s["half"] == 0.5 and s["flag"] is True ' +
      'and s["name"] == "1e-3" and s["more"]["a"] == 3 and s["nothing"] is None else 99';
    assert.deepEqual(widths(read(load, { "net.yaml": yaml }, "wide")), [10]);
  });
  it("choose the file's own classes by name", () => {
    const text = python`
      class Unit(nn.Module):
          def __init__(self, wide):
              super().__init__()
              self.bn = nn.BatchNorm1d(wide)
          def forward(self, x):
              return self.bn(x)
      class Net(nn.Module):
          def __init__(self):
              super().__init__()
              rows = yaml.safe_load(open("net.yaml"))
              self.layers = nn.Sequential(*[globals()[kind](*given) for kind, given in rows])
          def forward(self, x):
              return self.layers(x)
    `;
    const reading = readModelFile({
      path: "net.py",
      text: HEAD + text,
      readSettings: (path) => ({ path, text: "- [Unit, [4]]\n- [Unit, [8]]\n" }),
    });
    assert.deepEqual(widths(reading), [4, 8]);
    assert.deepEqual(reading.importedFiles, ["net.yaml"]);
  });
  it("are unknown where there is no such file, or one that is no YAML", () => {
    const load = "settings = yaml.safe_load(open(name))";
    assert.match(read(load, {}).unknowns[0]?.reason ?? "", /finds no file net\.yaml beside the code/);
    assert.match(read(load, { "net.yaml": "a: [1\nb" }).unknowns[0]?.reason ?? "", /can't be parsed/);
  });
});
