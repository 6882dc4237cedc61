import { strict as assert } from "node:assert";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { readModelFile } from "../../../engine/source/readModel";
import { assertTainted, graphOf, net, read } from "./helpers";
import { python } from "../support/python";

const MODEL = net("self.a = nn.Linear(size(0), 2)", "return self.a(x)");

/** Reading ends, and says why: without a bound these would never come back. */
function check(title: string, text: string): void {
  it(title, () => assertTainted(read(text), /nested too deeply|too many steps|too long/));
}

describe("Reading is bounded", () => {
  check(
    "with endless recursion",
    python`
    def size(n):
        return size(n + 1)
    ${MODEL}`,
  );
  check(
    "with an endless loop",
    python`
    def size(n):
        while True:
            n += 1
    ${MODEL}`,
  );
  check(
    "with an exponential tree of calls",
    python`
      def size(n):
          return 1 if n > 60 else size(n + 1) + size(n + 1)
      ${MODEL}`,
  );
  check(
    "with a list that doubles",
    python`
      def size(n):
          x = [1]
          for i in range(100):
              x = x + x
          return len(x)
      ${MODEL}`,
  );
  check(
    "with endless recursion under unknown conditions",
    python`
      def size(n):
          values = [i for i in range(3) if other(n)]
          return other(n)
      def other(n):
          if flag:
              return size(n)
          return 1
      ${MODEL}`,
  );

  // Each kind of statement takes another share of the JavaScript stack; the interpreter's own bound has to come first.
  for (const [title, step] of Object.entries({
    "an if": "if flag(v):\n        x = f(x)",
    "ifs inside one another": "if flag(v):\n        if flag(x):\n            if flag(1):\n                x = f(x)",
    "an elif": "if flag(v):\n        pass\n    elif flag(x):\n        pass\n    elif flag(1):\n        x = f(x)",
    "a loop": python`
      for v in flag(x):
              if flag(v):
                  continue
              x = f(v)`,
    "a try": "try:\n        x = f(x)\n    except ValueError:\n        x = f(v)",
    "a comprehension": "x = [f(w) for w in [1, 2] if flag(w)]",
    arguments: "x = dict(a=[f(x), f(v)], **{'b': (f(x),)})",
    "a return": python`
      if flag(v):
              return f(x)
          if flag(x):
              return f(v)`,
    "a match": "match flag(v):\n        case 1:\n            x = f(x)\n        case _:\n            x = f(v)",
  })) {
    it(`and keeps the model beside a function that calls itself in ${title}`, () => {
      const recursive = python`
        from elsewhere import flag
        def f(v):
            x = v
            ${step}
            return x
      `;
      const graph = graphOf(read(`${recursive}${net("self.a = nn.Linear(4, 2)", "return self.a(x)")}y = f(flag(1))\n`));
      assert.deepEqual([graph.parameters, graph.nodes.length], [10, 1]);
    });
  }

  for (const loops of [
    "for step in range(90000):\n    for part in range(90000):\n        total = total + part * step\n",
    "while True:\n    total = total + 1\n    if total > 900000:\n        break\n",
  ])
    it(`and keeps the models around a loop that takes too long: ${loops.split("\n", 1).join("")}`, () => {
      const whole = read(`total = 0\n${loops}${net("self.a = nn.Linear(4, 2)", "return self.a(x)")}`);
      const { parameters, nodes, unknowns } = graphOf(whole);
      assert.deepEqual([parameters, nodes.length, unknowns], [10, 1, []]);
      const depends = read(`total = 0\n${loops}${net("self.a = nn.Linear(4, total)", "return self.a(x)")}`);
      assertTainted(depends, /too many steps to follow/);
    });

  for (const [name, text] of [
    ["brackets", `x = ${"(".repeat(5000)}1${")".repeat(5000)}\n`],
    ["not", `x = ${"not ".repeat(5000)}1\n`],
    ["attributes", `x = a${".b".repeat(5000)}\n`],
    ["elif", `if a:\n    pass\n${"elif b:\n    pass\n".repeat(3000)}`],
    [
      "tuples",
      python`
      t = ()
      for i in range(90000):
          t = (t,)
      x = t == t
    `,
    ],
  ] as const) {
    it(`with deeply nested ${name}`, () => {
      assert.doesNotThrow(() => readModelFile({ path: "deep.py", text }));
    });
  }

  it("with modules that contain themselves", () => {
    assert.doesNotThrow(() =>
      read(python`
      model = nn.Sequential(nn.Linear(2, 2))
      model.add_module('again', model)
    `),
    );
    assert.doesNotThrow(() =>
      read(python`
      x = []
      x.append(x)
      model = nn.Sequential(*x)
    `),
    );
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

describe("Functions that are tried out", () => {
  it("leave the model that is asked for its steps", () => {
    const branches = Array.from({ length: 12 }, (_, n) => `    if size == ${n}:\n        net = Deep(40 + size)\n`).join(
      "",
    );
    const text = python`
      class Deep(nn.Module):
          def __init__(self, count):
              super().__init__()
              self.parts = nn.Sequential(*[nn.Linear(2, 2) for _ in range(count)])
          def forward(self, x):
              return self.parts(x)
      def deep(size):
          for _ in range(size):
              pass
      ${branches}    return net
      def tried(size, depth=0):
          return Deep(1) if depth > 12 else tried(size, depth + 1) if size else tried(size, depth + 1)
    `;
    const limits = { steps: 4000, callDepth: 80, nesting: 400 };
    assert.equal(graphOf(read(text, { model: "deep(3)", limits })).parameters, 43 * 6);
  });
});
