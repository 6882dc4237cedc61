"""Facts about the models of a repository, by executing them: what compareFacts.ts compares the reader with.

    python3 executeModels.py <checkout> <owner/name> <commit> > facts.json

Every class of a file that derives from torch.nn.Module and every function whose name is that of a builder is called
without arguments; those that need some are left out. This runs the repository's code: use it on a machine that may.
"""

import importlib.util
import inspect
import json
import os
import signal
import subprocess
import sys


def fact(repo, commit, path, call, module, nn):
    norms = [(name, norm) for name, norm in module.named_modules() if isinstance(norm, nn.modules.batchnorm._BatchNorm)]
    return {
        "framework": "torch",
        "repo": repo,
        "path": path,
        "commit": commit,
        "call": call,
        "params": sum(p.numel() for p in module.parameters() if p.requires_grad),
        "bn_num_features": [norm.num_features for _, norm in norms],
        "bn_names": [name for name, _ in norms],
        "bn_eps": sorted({norm.eps for _, norm in norms}),
        "bn_momentum": sorted({str(norm.momentum) for _, norm in norms}),
    }


def facts_of_file(root, path, repo, commit):
    import torch.nn as nn

    sys.argv = [path]
    sys.path[:0] = [os.path.join(root, os.path.dirname(path)), root]
    package = os.path.dirname(path).replace("/", ".")
    name = (package + "." if package else "") + os.path.basename(path)[:-3]
    if os.path.exists(os.path.join(root, os.path.dirname(path), "__init__.py")):
        module = importlib.import_module(name)
    else:
        spec = importlib.util.spec_from_file_location("model_file", os.path.join(root, path))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    results = []
    for key, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__ or key.startswith("_"):
            continue
        is_class = inspect.isclass(value) and issubclass(value, nn.Module)
        if not is_class and not inspect.isfunction(value):
            continue
        try:
            required = [
                p for p in inspect.signature(value).parameters.values() if p.default is p.empty and p.kind in (0, 1, 3)
            ]
            if required or (not is_class and "train" in key):
                continue
            signal.alarm(20)
            made = value()
            if isinstance(made, nn.Module):
                results.append(fact(repo, commit, path, key + "()", made, nn))
        except BaseException:
            pass
        finally:
            signal.alarm(0)
    return results


def main():
    root, repo, commit = sys.argv[1:4]
    if len(sys.argv) > 4:
        os.chdir(root)
        output, sys.stdout = sys.stdout, sys.stderr
        json.dump(facts_of_file(root, sys.argv[4], repo, commit), output)
        return
    facts = []
    for folder, _, files in os.walk(root):
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), root)
            text = open(os.path.join(root, path), errors="replace").read() if name.endswith(".py") else ""
            if "Module" not in text or "torch" not in text or name.startswith("test") or name == "setup.py":
                continue
            try:
                done = subprocess.run(
                    [sys.executable, __file__, root, repo, commit, path], capture_output=True, timeout=120
                )
                facts += json.loads(done.stdout or "[]")
            except Exception as error:
                print(path, error, file=sys.stderr)
    json.dump(facts, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
