"""Writes containers.json: generated programs over lists, dicts, sets and strings, and what CPython makes of each.

Run with any Python 3.11 or newer:  python3 test/golden/python/containers.py
Each row is `[program, result]`. A program leaves its result in `width`, a whole number that depends on all it did. What
CPython raises an exception for is left out.
"""

import json
import pathlib
import random

random.seed(11)
NUMBERS = ["0", "1", "2", "3", "5", "-1", "-2", "7"]
TEXTS = ["'a'", "'b'", "'bn_1'", "'conv2d_bn'", "'A b  c'", "'x-y-z'", "''", "'aXbXc'", "' pad '"]

LIST = [
    "x.append({n})",
    "x.extend([{n}, {n}])",
    "x.extend(({n},))",
    "x.insert({n}, {n})",
    "x.pop()",
    "x.pop({n})",
    "x.remove({n})",
    "x.reverse()",
    "x.sort()",
    "x.sort(reverse=True)",
    "x.sort(key=lambda v: -v)",
    "x.sort(key=lambda v: (v % 2, v))",
    "x.clear()",
    "x += [{n}]",
    "x[{n}] = {n}",
    "x[{n}:{n}] = [{n}]",
    "x[{n}:] = []",
    "del x[{n}]",
    "del x[{n}:{n}]",
    "x = x[{n}:{n}]",
    "x = x[::-1]",
    "x = x * 2",
    "x = [{n}] + x",
    "y = x.copy(); y.append({n}); r.append(sum(y))",
    "y = x; y.append({n})",
    "r.append(x.index({n}))",
    "r.append(x.index({n}, 1))",
    "r.append(x.count({n}))",
    "r.append({n} in x)",
    "r.append(len(x))",
    "r.append(max(x))",
    "r.append(sum(x, {n}))",
    "x = sorted(x, key=lambda v: v % 3)",
    "x = sorted(x, reverse=True)",
    "x = list(reversed(x))",
    "x = list(map(lambda a, b: a + b, x, x[1:]))",
    "x = list(filter(lambda v: v > 0, x))",
    "x = [v for v in x if v != {n}]",
    "x = [a * b for a, b in zip(x, x[1:])]",
    "x = [i + v for i, v in enumerate(x, {n})]",
    "first, *x = x",
    "*x, last = x",
]
DICT = [
    "d[{t}] = {n}",
    "d.update({{{t}: {n}}})",
    "d.update([({t}, {n})])",
    "d.update(extra={n})",
    "r.append(d.pop({t}))",
    "r.append(d.pop({t}, {n}))",
    "r.append(d.popitem()[1])",
    "r.append(d.setdefault({t}, {n}))",
    "r.append(d.get({t}, {n}))",
    "r.append({t} in d)",
    "del d[{t}]",
    "d.clear()",
    "d = d | {{{t}: {n}}}",
    "d |= {{{t}: {n}}}",
    "e = d.copy(); e[{t}] = {n}; r.append(len(e))",
    "e = d; e[{t}] = {n}",
    "d = {{k: v + {n} for k, v in d.items()}}",
    "d = dict(d, more={n})",
    "d = {{**d, {t}: {n}}}",
    "d = dict.fromkeys(d, {n})",
    "d = dict(sorted(d.items()))",
    "r.append(list(d.values())[0])",
    "r.append(len(list(d)[-1]))",
    "r.append(sum(d.values()))",
    "d = dict(zip(d.values(), d.values()))",
]
SET = [
    "s.add({n})",
    "s.discard({n})",
    "s.remove({n})",
    "s.update([{n}, {n}])",
    "s |= {{{n}}}",
    "s &= {{{n}, {n}, 1}}",
    "s -= {{{n}}}",
    "s ^= {{{n}}}",
    "s = s | {{{n}}}",
    "s = s - {{{n}}}",
    "s = s.union([{n}], ({n},))",
    "s = s.intersection([{n}, 1, 2])",
    "s = s.difference([{n}])",
    "s = s.symmetric_difference([{n}])",
    "t = s.copy(); t.add({n}); r.append(len(t))",
    "t = s; t.add({n})",
    "r.append({n} in s)",
    "r.append(len(s))",
    "r.append(s == {{1, {n}}})",
    "r.append(s.issubset([0, 1, 2, 3]))",
    "r.append(s.isdisjoint([{n}]))",
    "r.append(sum(sorted(s)))",
    "r.append(max(s))",
    "r.append(len(set([{n}, {n}, 1])))",
    "r += list(s)",
    "s.clear()",
]
STRING = [
    "x = x.upper()",
    "x = x.lower()",
    "x = x.title()",
    "x = x.capitalize()",
    "x = x.swapcase()",
    "x = x.strip()",
    "x = x.strip({t})",
    "x = x.lstrip('a ')",
    "x = x.rstrip('bc')",
    "x = x.replace({t}, 'qq')",
    "x = x.replace('b', {t}, 1)",
    "x = x + {t}",
    "x = x * 2",
    "x = x[{n}:{n}]",
    "x = x[::-1]",
    "x = x.zfill(6)",
    "x = x.ljust(6, '*')",
    "x = x.rjust({n})",
    "x = x.removeprefix({t})",
    "x = x.removesuffix({t})",
    "x = '_'.join(x.split())",
    "x = '/'.join(x.split('_', 1))",
    "x = '/'.join(x.rsplit('_', 1))",
    "x = '+'.join(x.split({t}))",
    "x = x.partition('_')[2]",
    "x = x.rpartition('_')[0]",
    "x = x.split(maxsplit=1)[-1]",
    "r.append(x.find({t}))",
    "r.append(x.rfind({t}))",
    "r.append(x.find({t}, 1))",
    "r.append(x.index({t}))",
    "r.append(x.index({t}, 1, 5))",
    "r.append(x.count({t}))",
    "r.append(x.startswith({t}))",
    "r.append(x.endswith(({t}, {t})))",
    "r.append(x.startswith('b', 1))",
    "r.append(x.isdigit())",
    "r.append(x.isalpha())",
    "r.append(x.isupper())",
    "r.append({t} in x)",
    "r.append(len(x))",
    "r.append(x < {t})",
    "x = f'{x}_{len(x):02d}'",
    "x = '%s-%d' % (x, len(x))",
    "x = '{}.{}'.format(x, {n})",
]
FINISH = {
    "list": "width = sum((i + 1) * v for i, v in enumerate(x)) + sum((i + 1) * v for i, v in enumerate(r)) + 100 * len(x)",
    "dict": "width = sum((i + 1) * (v + len(str(k))) for i, (k, v) in enumerate(d.items())) + 3 * sum(r) + 100 * len(d)",
    "set": "width = sum(s) + 100 * len(s) + sum((i + 1) * v for i, v in enumerate(r))",
    "string": "width = len(x) + 10 * x.count('b') + 100 * x.find('_') + 7 * x.count('A') + sum((i + 1) * v for i, v in enumerate(r))",
}
START = {
    "list": "x = [3, 1, 2, 1]",
    "dict": "d = {'a': 1, 'bn_1': 2, 'b': 3}",
    "set": "s = {1, 2, 5}",
    "string": "x = 'conv2d_bn_1'",
}
STEPS = {"list": LIST, "dict": DICT, "set": SET, "string": STRING}


def filled(step):
    while "{n}" in step:
        step = step.replace("{n}", random.choice(NUMBERS), 1)
    while "{t}" in step:
        step = step.replace("{t}", random.choice(TEXTS), 1)
    return step.replace("{{", "{").replace("}}", "}")


def program(kind, steps):
    return "\n".join([START[kind], "r = []", *map(filled, steps), FINISH[kind]])


def result(text):
    names = {}
    try:
        exec(text, names)  # our own program
    except Exception:
        return None
    return int(names["width"])


def programs():
    for kind, steps in STEPS.items():
        for step in steps:
            for _ in range(3):
                yield program(kind, [step])
        for _ in range(120):
            yield program(kind, random.choices(steps, k=random.randint(2, 4)))


rows = {text: result(text) for text in programs()}
lines = ",\n".join(json.dumps([text, width]) for text, width in rows.items() if width is not None)
pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")
