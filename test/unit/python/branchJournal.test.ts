/** Nothing of a branch remains except its changes, whatever it did. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { BranchJournal, type Place } from "../../../engine/python/branchJournal";

type Variables = Map<string, number>;

function place(variables: Variables, key: string): Place {
  return {
    read: () => variables.get(key),
    write: (content) => (content === undefined ? variables.delete(key) : variables.set(key, content as number)),
  };
}

function world(): { journal: BranchJournal<Place>; variables: Variables; set: (key: string, value: number) => void } {
  const journal = new BranchJournal<Place>();
  const variables: Variables = new Map([["a", 0]]);
  const set = (key: string, value: number): void => {
    journal.note(variables, key, () => place(variables, key));
    variables.set(key, value);
  };
  return { journal, variables, set };
}

/** A program: assignments and branches inside one another. */
type Program = readonly (readonly [key: string, value: number] | Program)[];

const programs = fc.letrec<{ program: Program }>((tie) => ({
  program: fc.array(
    fc.oneof({ depthSize: "small" }, fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(9)), tie("program")),
    { maxLength: 5 },
  ),
})).program;

describe("a branch", () => {
  it("is undone, and its changes are reported", () => {
    const { journal, variables, set } = world();
    const { changes } = journal.follow(() => {
      set("a", 1);
      set("b", 2);
    });
    assert.deepEqual([...variables], [["a", 0]]);
    const left = [...(changes.get(variables) ?? [])].map(([key, { content }]) => [key, content]);
    assert.deepEqual(left, [
      ["a", 1],
      ["b", 2],
    ]);
  });

  it("leaves the state as it was, whatever ran in it", () => {
    fc.assert(
      fc.property(programs, (program) => {
        const { journal, variables, set } = world();
        const run = (steps: Program): void => {
          for (const step of steps) {
            if (step.length === 2 && typeof step[0] === "string") set(step[0], step[1] as number);
            else journal.follow(() => run(step as Program));
          }
        };
        journal.follow(() => run(program));
        assert.deepEqual([...variables], [["a", 0]]);
        assert.equal(journal.depth, 0);
      }),
    );
  });

  it("has nothing to take back of what it made", () => {
    const { journal } = world();
    const made: Variables = new Map();
    journal.follow(() => {
      journal.created(made);
      journal.note(made, "x", () => assert.fail("asked for a place"));
      made.set("x", 1);
    });
    assert.equal(made.get("x"), 1);
  });

  it("inside another one makes what it makes for both", () => {
    const { journal } = world();
    const made: Variables = new Map();
    journal.follow(() => {
      journal.follow(() => journal.created(made));
      journal.note(made, "x", () => assert.fail("asked for a place"));
    });
  });

  it("keeps what happens outside of it", () => {
    const { journal, variables, set } = world();
    journal.follow(() => {
      set("a", 1);
      journal.outside(() => set("b", 2));
    });
    assert.deepEqual(
      [...variables],
      [
        ["a", 0],
        ["b", 2],
      ],
    );
  });

  it("gives a part that is seen late the past of its whole", () => {
    const { journal, variables, set } = world();
    const part: Variables = new Map();
    const { changes } = journal.follow(() => {
      set("a", 1);
      part.set("a", 1);
      journal.sharePast(variables, part, (key) => place(part, key));
    });
    assert.equal(part.get("a"), 0);
    assert.equal(changes.get(part)?.get("a")?.content, 1);
  });
});
