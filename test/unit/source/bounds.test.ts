import { strict as assert } from "node:assert";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { readModelFile } from "../../../engine/source/readModel";
import { assertTainted, graphOf, net, read } from "./helpers";

const MODEL = net("self.a = nn.Linear(size(0), 2)", "return self.a(x)");

/** Reading ends, and says why: without a bound these would never come back. */
function check(title: string, text: string): void {
  it(title, () => assertTainted(read(text), /nested too deeply|too many steps|too long/));
}

describe("Reading is bounded", () => {
  check("with endless recursion", `def size(n):\n    return size(n + 1)\n${MODEL}`);
  check("with an endless loop", `def size(n):\n    while True:\n        n += 1\n${MODEL}`);
  check(
    "with an exponential tree of calls",
    `def size(n):\n    return 1 if n > 60 else size(n + 1) + size(n + 1)\n${MODEL}`,
  );
  check(
    "with a list that doubles",
    `def size(n):\n    x = [1]\n    for i in range(100):\n        x = x + x\n    return len(x)\n${MODEL}`,
  );
  check(
    "with endless recursion under unknown conditions",
    `def size(n):\n    values = [i for i in range(3) if other(n)]\n    return other(n)\ndef other(n):\n    if flag:\n        return size(n)\n    return 1\n${MODEL}`,
  );

  // Each kind of statement takes another share of the JavaScript stack; the interpreter's own bound has to come first.
  for (const [title, step] of Object.entries({
    "an if": "if flag(v):\n        x = f(x)",
    "ifs inside one another": "if flag(v):\n        if flag(x):\n            if flag(1):\n                x = f(x)",
    "an elif": "if flag(v):\n        pass\n    elif flag(x):\n        pass\n    elif flag(1):\n        x = f(x)",
    "a loop": "for v in flag(x):\n        if flag(v):\n            continue\n        x = f(v)",
    "a try": "try:\n        x = f(x)\n    except ValueError:\n        x = f(v)",
    "a comprehension": "x = [f(w) for w in [1, 2] if flag(w)]",
    arguments: "x = dict(a=[f(x), f(v)], **{'b': (f(x),)})",
    "a return": "if flag(v):\n        return f(x)\n    if flag(x):\n        return f(v)",
    "a match": "match flag(v):\n        case 1:\n            x = f(x)\n        case _:\n            x = f(v)",
  })) {
    it(`and keeps the model beside a function that calls itself in ${title}`, () => {
      const recursive = `from elsewhere import flag\ndef f(v):\n    x = v\n    ${step}\n    return x\n`;
      const graph = graphOf(read(`${recursive}${net("self.a = nn.Linear(4, 2)", "return self.a(x)")}y = f(flag(1))\n`));
      assert.deepEqual([graph.parameters, graph.nodes.length], [10, 1]);
    });
  }

  it("and keeps the models before a loop that takes too long", () => {
    const reading = read(
      `${net("self.a = nn.Linear(4, 2)", "return self.a(x)")}total = 0\nfor step in range(90000):\n    for part in range(90000):\n        total = total + part * step\n`,
    );
    const graph = graphOf(reading);
    assert.deepEqual([graph.parameters, graph.nodes.length], [10, 1]);
    assert.match(graph.unknowns[0]?.reason ?? "", /too many steps to follow/);
    assert.ok((graph.unknowns[0]?.range.startLine ?? 0) > 9);
  });

  for (const [name, text] of [
    ["brackets", `x = ${"(".repeat(5000)}1${")".repeat(5000)}\n`],
    ["not", `x = ${"not ".repeat(5000)}1\n`],
    ["attributes", `x = a${".b".repeat(5000)}\n`],
    ["elif", `if a:\n    pass\n${"elif b:\n    pass\n".repeat(3000)}`],
    ["tuples", "t = ()\nfor i in range(90000):\n    t = (t,)\nx = t == t\n"],
  ] as const) {
    it(`with deeply nested ${name}`, () => {
      assert.doesNotThrow(() => readModelFile({ path: "deep.py", text }));
    });
  }

  it("with modules that contain themselves", () => {
    assert.doesNotThrow(() => read("model = nn.Sequential(nn.Linear(2, 2))\nmodel.add_module('again', model)\n"));
    assert.doesNotThrow(() => read("x = []\nx.append(x)\nmodel = nn.Sequential(*x)\n"));
  });

  it("with 50,000 lines", () => {
    const text = Array.from({ length: 50_000 }, (_, index) => `x${index} = ${index} + 1\n`).join("");
    assert.equal(graphOf(read(`${text}model = nn.Linear(x5, 2)\n`)).parameters, 14);
  });
});

describe("Any text at all", () => {
  const folder = join(process.cwd(), "examples");
  const examples = readdirSync(folder)
    .filter((name) => name.endsWith(".py"))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
  for (const [name, text] of examples) {
    it(`${name} cut off anywhere`, () => {
      fc.assert(
        fc.property(fc.nat(text.length), (length) => void readModelFile({ path: name, text: text.slice(0, length) })),
        { numRuns: 60, seed: 1 },
      );
    });

    it(`${name} with random edits`, () => {
      const edit = fc.tuple(
        fc.nat(text.length),
        fc.nat(3),
        fc.oneof(
          fc.constantFrom("(", ")", ":", "\n", "    ", "#", '"', "*", "[", "\\", "not ", "\t", "for ", "0."),
          fc.string({ maxLength: 3 }),
        ),
      );
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
          const changed = edits.reduce(
            (current, [at, removed, inserted]) => current.slice(0, at) + inserted + current.slice(at + removed),
            text,
          );
          readModelFile({ path: name, text: changed });
        }),
        { numRuns: 60, seed: 2 },
      );
    });
  }
});
