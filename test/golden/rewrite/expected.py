"""What PyTorch makes of the written models: parameters and the output's shape.

NORMLENS_WRITTEN=out/written npm run check     # writes the texts that the tests make
python3 test/golden/rewrite/expected.py out/written > test/golden/rewrite/expected.json
"""

import hashlib
import json
import pathlib
import re
import sys

import torch

results = {"torch": torch.__version__, "models": {}}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    text = path.read_text()
    model, shape = re.search(r"# normlens: model (\S+) input=(\S+)", text).groups()
    names = {"__name__": path.stem}
    exec(compile(text, str(path), "exec"), names)
    module = eval(model, names).eval()
    output = module(torch.zeros(2, *map(int, shape.split("x"))))
    results["models"][path.stem] = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "parameters": sum(p.numel() for p in module.parameters() if p.requires_grad),
        "output": list(output.shape[1:]),
    }
json.dump(results, sys.stdout, indent=1)
print()
