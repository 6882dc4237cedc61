import { strict as assert } from "node:assert";
import type { Expression } from "../../../engine/python/expressions";
import type { Statement } from "../../../engine/python/statements";
import { parsePython } from "../../../engine/python/parse";
import { python } from "../support/python";

/** An expression in brackets that show how it was understood. */
function show(node: Expression): string {
  switch (node.kind) {
    case "name":
      return node.name;
    case "number":
      return node.type === "float" ? `${node.value}f` : String(node.value);
    case "string":
      return JSON.stringify(node.value);
    case "constant":
      return String(node.value);
    case "unary":
      return `(${node.operator} ${show(node.operand)})`;
    case "binary":
      return `(${show(node.left)} ${node.operator} ${show(node.right)})`;
    case "boolean":
      return `(${node.operands.map(show).join(` ${node.operator} `)})`;
    case "compare":
      return `(${show(node.left)} ${node.comparisons.map((part) => `${part.operator} ${show(part.right)}`).join(" ")})`;
    case "conditional":
      return `(${show(node.body)} if ${show(node.test)} else ${show(node.otherwise)})`;
    case "sequence":
      return `${node.type}[${node.elements.map(show).join(", ")}]`;
    case "dict": {
      const entries = node.entries.map(({ key, value }) => `${key === null ? "**" : `${show(key)}: `}${show(value)}`);
      return `{${entries.join(", ")}}`;
    }
    case "call": {
      const marks = { positional: "", star: "*", doubleStar: "**" };
      const args = node.arguments.map(
        (arg) => `${arg.kind === "keyword" ? `${arg.name}=` : marks[arg.kind]}${show(arg.value)}`,
      );
      return `${show(node.callee)}(${args.join(", ")})`;
    }
    case "attribute":
      return `${show(node.object)}.${node.name}`;
    case "subscript":
      return `${show(node.object)}[${show(node.index)}]`;
    case "slice":
      return `slice(${[node.lower, node.upper, node.step].map((part) => (part === null ? "" : show(part))).join(":")})`;
    case "starred":
      return `*${show(node.value)}`;
    case "named":
      return `(${node.target.name} := ${show(node.value)})`;
    case "lambda":
      return (
        `(lambda ${node.parameters.map((parameter) => `${parameter.kind} ${parameter.name}`).join(", ")}: ` +
        `${show(node.body)})`
      );
    case "comprehension": {
      const clauses = node.clauses.map(({ target, iterable, conditions }) => {
        const tests = conditions.map((test) => ` if ${show(test)}`);
        return ` for ${show(target)} in ${show(iterable)}${tests.join("")}`;
      });
      const value = node.value === null ? "" : `: ${show(node.value)}`;
      return `${node.type}(${show(node.element)}${value}${clauses.join("")})`;
    }
    case "formatString": {
      const parts = node.parts.map((part) =>
        typeof part === "string"
          ? JSON.stringify(part)
          : `{${show(part.expression)}!${part.conversion ?? ""}:${part.specification ?? ""}}`,
      );
      return `f(${parts.join(" ")})`;
    }
    default:
      return node.kind;
  }
}

function firstStatement(text: string): Statement {
  const [statement] = parsePython("a.py", text).module.body;
  assert.ok(statement);
  return statement;
}

function check(text: string, expected: string): void {
  const statement = firstStatement(text);
  assert.equal(statement.kind === "expression" ? show(statement.value) : statement.kind, expected);
}

describe("Python expressions", () => {
  it("gives not, and and or Python's precedence", () => {
    check("not a and b", "((not a) and b)");
    check("a and not b or c", "((a and (not b)) or c)");
    check("not a == b", "(not (a == b))");
    check("not (a or b)", "(not (a or b))");
    check("a or b and c or not not d", "(a or (b and c) or (not (not d)))");
  });
  it("chains comparisons only where they are chained", () => {
    check("a < b <= c", "(a < b <= c)");
    check("(a < b) < c", "((a < b) < c)");
    check("a not in b", "(a not in b)");
    check("a is not None", "(a is not None)");
  });
  it("reads arithmetic", () => {
    check("-x ** 2 + 3 * (4 - 1) // 2", "((- (x ** 2)) + ((3 * (4 - 1)) // 2))");
    check("a if b else c if d else e", "(a if b else (c if d else e))");
  });
  it("reads a file that ends in blanks", () =>
    assert.deepEqual(
      parsePython(
        "x.py",
        python`
      def f():
          return 1
          `,
      ).syntaxErrors,
      [],
    ));
  it("reads numbers by type", () => {
    check("[1, 1., 1.5, .5, 1e3, 1.e5, 0x1F, 1_000, 0b11]", "list[1, 1f, 1.5f, 0.5f, 1000f, 100000f, 31, 1000, 3]");
  });
  it("reads calls with every kind of argument", () => {
    check("f(a, *b, c=1, **d)", "f(a, *b, c=1, **d)");
    check("f(x for x in y)", "f(generator(x for x in y))");
    check("f(n := 3)", "f((n := 3))");
    check("nn.Sequential(*layers).to(d)", "nn.Sequential(*layers).to(d)");
  });
  it("reads displays, comprehensions and slices", () => {
    check("(1,)", "tuple[1]");
    check("()", "tuple[]");
    check("{**a, 'b': 1}", '{**a, "b": 1}');
    check("[x * 2 for x in y if x > 1 for z in w]", "list((x * 2) for x in y if (x > 1) for z in w)");
    check("{k: v for k, v in z}", "dict(k: v for tuple[k, v] in z)");
    check("x[1:, ::2, None]", "x[tuple[slice(1::), slice(::2), None]]");
  });
  it("reads strings as Python does", () => {
    check(String.raw`"a\n\x41" 'b' r"\d"`, JSON.stringify("a\nAb\\d"));
    check("f'conv{i + 1}_{n!r:>3}{{}}'", 'f("conv" {(i + 1)!:} "_" {n!r:>3} "{}")');
  });
  it("reads lambdas with all kinds of parameters", () => {
    check("lambda a, b=1, *c, d, **e: a", "(lambda normal a, normal b, star c, keywordOnly d, doubleStar e: a)");
  });
});

describe("Python statements", () => {
  it("keeps parameters before the slash positional", () => {
    const statement = firstStatement("def f(a, /, b, *, c): pass\n");
    assert.ok(statement.kind === "function");
    assert.deepEqual(
      statement.parameters.map((parameter) => parameter.kind),
      ["positionalOnly", "normal", "keywordOnly"],
    );
  });
  it("reads imports", () => {
    const statement = firstStatement("from ..a.b import (c, d as e,)\n");
    assert.ok(statement.kind === "importFrom");
    assert.deepEqual(
      [statement.level, statement.module, statement.names],
      [
        2,
        "a.b",
        [
          { name: "c", alias: null },
          { name: "d", alias: "e" },
        ],
      ],
    );
  });
  it("gives what it cannot lower a node with its range", () => {
    const text = "x = [1,\n";
    const statement = firstStatement(text);
    assert.ok(statement.kind === "assign");
    assert.equal(statement.value.kind, "unsupported");
    assert.equal(text.slice(statement.value.from, statement.value.to).trimEnd(), "[1,");
  });
  for (const [name, text, line] of [
    ["CRLF", "a = 1\r\nb = 2\r\nc = = 3\r\n", 3],
    ["a byte order mark", "\uFEFFa = 1\nb = = 2\n", 2],
    ["tabs", "if a:\n\tb = 1\n\tc = = 2\n", 3],
    ["unicode", "é = 'ü😀'\nb = = 2\n", 2],
  ] as const) {
    it(`counts lines with ${name}`, () => {
      const file = parsePython("a.py", text);
      assert.equal(file.syntaxErrors[0]?.line, line);
      assert.equal(parsePython("a.py", text.replace("= =", "=")).syntaxErrors.length, 0);
    });
  }
  it("has no error for a bare yield", () => {
    assert.deepEqual(
      parsePython(
        "a.py",
        python`
      def f():
          x = yield
          yield
    `,
      ).syntaxErrors,
      [],
    );
  });
});
