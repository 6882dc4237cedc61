import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import type { Directive } from "../../../engine/graph/directive";
import type { ModelDirective } from "../../../engine/source/annotations/annotation";
import { directiveText, editAnnotation } from "../../../engine/source/annotations/editAnnotation";
import { editDistance, nearestWord } from "../../../engine/source/annotations/nearestWord";
import { parseAnnotations } from "../../../engine/source/annotations/parseAnnotations";
import { parsePython } from "../../../engine/python/parse";

function parse(text: string): ReturnType<typeof parseAnnotations> {
  return parseAnnotations(parsePython("a.py", text));
}

function check(comment: string, ...expected: (Directive | ModelDirective)[]): void {
  const { annotations, issues } = parse(`x = 1  # normlens: ${comment}\n`);
  assert.deepEqual(issues, []);
  assert.deepEqual(
    annotations.map((annotation) => annotation.directive),
    expected,
  );
}

function checkIssue(comment: string, marked: string, replacement: string | null): void {
  const text = `x = 1  # normlens: ${comment}`;
  const { issues } = parse(`${text}\n`);
  assert.equal(issues.length, 1);
  const { range } = issues[0] ?? assert.fail();
  assert.equal(text.slice(range.startColumn, range.endColumn), marked);
  assert.equal(issues[0]?.replacement, replacement);
}

describe("Annotations", () => {
  it("have one grammar", () => {
    check("add bn", { kind: "add", position: "after-layer" });
    check("add bn after-activation", { kind: "add", position: "after-activation" });
    check("remove", { kind: "remove" });
    check("use group(8)", { kind: "use", norm: { name: "group", groups: 8 } });
    for (const name of ["layer", "instance", "renorm", "batch"] as const)
      check(`use ${name}`, { kind: "use", norm: { name } });
    check("use renorm(5000)", { kind: "use", norm: { name: "renorm", plainUpdates: 5000 } });
    check("use ghost(32)", { kind: "use", norm: { name: "ghost", samples: 32 } });
    check("set momentum=0.01 eps=1e-3", {
      kind: "set",
      settings: [
        { name: "momentum", value: 0.01 },
        { name: "eps", value: 1e-3 },
      ],
    });
    check("frozen", { kind: "frozen" });
    check("frozen, min-batch=16", { kind: "frozen" }, { kind: "minBatch", samples: 16 });
    check("domain=source", { kind: "domain", name: "source" });
    check("remove ; frozen", { kind: "remove" }, { kind: "frozen" });
    check("model ResNet18(num_classes=10) input=3x32x32 data=digits", {
      kind: "model",
      expression: "ResNet18(num_classes=10)",
      inputs: [[3, 32, 32]],
      data: "digits",
    });
    check("model Net(2, name = 'a b')", { kind: "model", expression: "Net(2, name = 'a b')", inputs: [], data: null });
  });
  it("say which word is wrong, and the nearest right one", () => {
    checkIssue("ad bn", "ad", "add");
    checkIssue("add nb", "nb", "bn");
    checkIssue("add bn after-actvation", "after-actvation", "after-activation");
    checkIssue("use grupo(8)", "grupo", "group");
    checkIssue("use group", "group", "group(8)");
    checkIssue("use ghost", "ghost", "ghost(32)");
    checkIssue("use ghost(0)", "ghost(0)", "ghost(32)");
    checkIssue("use gost(8)", "gost", "ghost");
    checkIssue("use layer(8)", "layer(8)", null);
    checkIssue("set momentun=0.1", "momentun", "momentum");
    checkIssue("set momentum=x", "momentum=x", null);
    checkIssue("set momentum=2", "momentum=2", null);
    checkIssue("min-batch=0", "min-batch=0", null);
    checkIssue("model Net() inptu=3", "inptu", "input");
    checkIssue("model Net() input=3xx", "input=3xx", null);
    checkIssue("remove it", "it", null);
    checkIssue("banana", "banana", null);
  });
  it("are comments, not strings and not prose", () => {
    const { annotations, issues } = parse(
      'x = "# normlens: remove"\n# write "# normlens: remove" here\ny = 1  # hidden  # normlens: frozen  # why\n',
    );
    assert.deepEqual(
      annotations.map(({ line, directive }) => [line, directive.kind]),
      [[3, "frozen"]],
    );
    assert.deepEqual(issues, []);
  });
  it("find the nearest word by edits", () => {
    assert.equal(editDistance("kitten", "sitting"), 3);
    assert.equal(nearestWord("kernal_size", ["kernel_size", "stride"]), "kernel_size");
    assert.equal(nearestWord("zzzz", ["remove"]), null);
  });
});

describe("Editing an annotation", () => {
  const set = (line: string, directive: Directive): string => editAnnotation(line, { kind: "set", directive });
  const remove = (line: string): string => editAnnotation(line, { kind: "remove" });

  it("adds it at the end and keeps what is there", () => {
    assert.equal(set("self.a = f(x)", { kind: "remove" }), "self.a = f(x)  # normlens: remove");
    assert.equal(set("  x = 1  # why\r\n", { kind: "frozen" }), "  x = 1  # why  # normlens: frozen\r\n");
    assert.equal(set('x = "#"\t', { kind: "remove" }), 'x = "#"  # normlens: remove');
  });
  it("replaces the one that is there", () => {
    assert.equal(set("x = 1 # normlens: remove  # why", { kind: "frozen" }), "x = 1 # normlens: frozen  # why");
  });
  it("removes it and nothing else", () => {
    assert.equal(remove("x = 1  # why  # normlens: remove"), "x = 1  # why");
    assert.equal(remove("x = 1  # normlens: remove  # why\n"), "x = 1  # why\n");
    assert.equal(remove("x = 1  # why"), "x = 1  # why");
    assert.equal(remove('x = "# normlens: remove"'), 'x = "# normlens: remove"');
  });
  it("leaves a continued line alone", () => {
    assert.equal(set("x = 1 + \\", { kind: "remove" }), "x = 1 + \\");
  });
  it("round trips, and what it writes is what is read", () => {
    const directive: fc.Arbitrary<Directive> = fc.oneof(
      fc.constantFrom<Directive>(
        { kind: "remove" },
        { kind: "frozen" },
        { kind: "add", position: "after-activation" },
        { kind: "use", norm: { name: "group", groups: 4 } },
      ),
      fc
        .double({ min: 1e-9, max: 1, noNaN: true })
        .map((value): Directive => ({ kind: "set", settings: [{ name: "momentum", value }] })),
    );
    const line = fc.constantFrom(
      "x = 1",
      "    self.a = nn.Linear(1, 2)",
      "y = 'it\\'s # no'  # a comment",
      "",
      "f(  # open",
      'z = """a#b"""',
    );
    fc.assert(
      fc.property(line, directive, (text, change) => {
        const edited = set(text, change);
        assert.equal(remove(edited), text);
        assert.equal(set(edited, change), edited);
        const comment = edited.slice(edited.lastIndexOf("# normlens:"));
        assert.deepEqual(
          parse(`${comment}\n`).annotations.map((annotation) => annotation.directive),
          [change],
        );
        assert.ok(edited.endsWith(directiveText(change)));
      }),
    );
  });
});
