/**
 * Arguments meet parameters as in CPython: generated signatures and calls against Python's own rules, written down
 * here.
 */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { bindArguments } from "../../../engine/python/argumentBinding";
import type { Parameter } from "../../../engine/python/expressions";
import { parsePython } from "../../../engine/python/parse";
import { python } from "../support/python";

function parametersOf(signature: string): readonly Parameter[] {
  const [statement] = parsePython(
    "f.py",
    python`
    def f(${signature}):
        pass
  `,
  ).module.body;
  assert.equal(statement?.kind, "function");
  return statement.kind === "function" ? statement.parameters : [];
}

interface Expected {
  readonly given?: Readonly<Record<string, string>>;
  readonly missing?: readonly string[];
  readonly star?: readonly string[];
  readonly doubleStar?: Readonly<Record<string, string>>;
  readonly extra?: readonly string[];
}

function check(signature: string, positional: string[], keywords: Record<string, string>, expected: Expected): void {
  const binding = bindArguments(parametersOf(signature), { positional, keywords: new Map(Object.entries(keywords)) });
  const { rest, extra } = binding;
  assert.deepEqual(
    {
      given: Object.fromEntries(binding.given),
      missing: binding.missing.map(({ name }) => name),
      star: rest.positional?.values,
      doubleStar: rest.keywords === null ? undefined : Object.fromEntries(rest.keywords.values),
      extra: [...extra.positional, ...extra.keywords.keys()],
    },
    { given: {}, missing: [], star: undefined, doubleStar: undefined, extra: [], ...expected },
  );
}

describe("arguments", () => {
  it("fill parameters by position, then by name", () => {
    check("a, b=2, *, c", ["1"], { c: "3" }, { given: { a: "1", c: "3" }, missing: ["b"] });
  });

  it("that are left go to *args and **kwargs", () => {
    check(
      "a, *rest, b, **more",
      ["1", "2", "3"],
      { b: "4", d: "5" },
      {
        given: { a: "1", b: "4" },
        star: ["2", "3"],
        doubleStar: { d: "5" },
      },
    );
  });

  it("never reach a positional-only parameter by name", () => {
    check("a, /, b, **more", [], { a: "1", b: "2" }, { missing: ["a"], given: { b: "2" }, doubleStar: { a: "1" } });
  });

  it("that no parameter takes are left over", () => {
    check("a", ["1", "2"], { a: "3", b: "4" }, { given: { a: "1" }, extra: ["2", "a", "b"] });
  });

  it("are all accounted for, each once", () => {
    const names = ["a", "b", "c", "d"];
    const signature = fc.constantFrom("", "a", "a, b", "a, /, b", "a, *r", "*, a, b", "a, b, *r, c, **k", "*r, **k");
    const values = fc.array(fc.string(), { maxLength: 5 });
    const keywords = fc.uniqueArray(fc.constantFrom(...names));
    fc.assert(
      fc.property(signature, values, keywords, (text, positional, named) => {
        const args = { positional, keywords: new Map(named.map((name) => [name, name])) };
        const { given, missing, rest, extra } = bindArguments(parametersOf(text), args);
        const taken = given.size + (rest.positional?.values.length ?? 0) + (rest.keywords?.values.size ?? 0);
        assert.equal(taken + extra.positional.length + extra.keywords.size, positional.length + named.length);
        assert.ok(missing.every(({ name }) => !given.has(name)));
      }),
    );
  });
});
