import { strict as assert } from "node:assert";
import { importsFramework, pythonCommand } from "../../../extension/recording/pythonCommand";

const scriptOf = (line: string): string | null => {
  const command = pythonCommand(line);
  return command && [command.directory, command.script].filter((part) => part !== "").join(" > ");
};

describe("the script that a command line runs", () => {
  const cases: Readonly<Record<string, string | null>> = {
    "python train.py": "train.py",
    "python3.11 -u -W ignore train.py --lr 0.1": "train.py",
    "/opt/venv/bin/python ./src/train.py": "./src/train.py",
    '"C:\\Program Files\\Python\\python.exe" "my train.py"': "my train.py",
    "& 'C:/venv/Scripts/python.exe' train.py": "train.py",
    "py -3 train.py": "train.py",
    "CUDA_VISIBLE_DEVICES=0 SEED=1 python train.py": "train.py",
    "env OMP_NUM_THREADS=1 nohup python train.py &": "train.py",
    "time uv run python train.py": "train.py",
    "cd experiments && python train.py": "experiments > train.py",
    "cd /data; cd deep; python train.py | tee log.txt": "/data/deep > train.py",
    "source venv/bin/activate\npython train.py": "train.py",
    "torchrun --nproc-per-node 2 train.py --epochs 3": "train.py",
    "python -m torch.distributed.run --nproc-per-node 2 train.py": "train.py",
    "accelerate launch train.py": "train.py",
    "python prepare.py && python train.py": "train.py",
    "python -c 'import torch' train.py": null,
    "python -m pytest train.py": null,
    python: null,
    "python --version": null,
    "pythonic train.py": null,
    "echo python train.py": null,
    "cat train.py": null,
    "# python train.py": null,
    "python notes.txt train.py": null,
    "": null,
  };
  for (const [line, script] of Object.entries(cases))
    it(`of "${line.replace("\n", "\\n")}" is ${script ?? "none"}`, () => assert.equal(scriptOf(line), script));
});

describe("a script that trains", () => {
  it("imports a framework that the recorder knows", () => {
    for (const text of [
      "import torch",
      "from torch import nn",
      "import os\n  import torch.nn as nn\n",
      "import numpy, torch",
      "import keras",
      "from tensorflow import keras",
    ])
      assert.ok(importsFramework(text), text);
  });
  it("is no other one", () => {
    for (const text of [
      "import torchaudio_tools",
      "# import torch",
      "print('import torch')",
      "from my.torch import x",
      "",
    ])
      assert.ok(!importsFramework(text), text);
  });
});
