/** Loops: literal lists element by element, everything else twice where the first time leaves another mode behind. */
import type { Block, ForStatement, WhileStatement } from "../../../source/python/statements";
import { namesIn } from "../../python/walk";
import { truthOf } from "./conditions";
import { elementsOf } from "./iterate";
import type { Completion, Exit, Machine } from "./machine";
import type { Changes, Way } from "./store";
import type { Loop, Scope, Value } from "./values";
import { wordsOf } from "./words";

const MOST_ELEMENTS = 12;

export function followFor(machine: Machine, statement: ForStatement, scope: Scope): Completion {
  const iterable = machine.evaluate(statement.iterable, scope);
  const words = [
    ...namesIn(statement.iterable).map(({ name }) => name),
    ...attributeNames(statement),
    ...wordsOf(iterable),
  ];
  const loop: Loop = {
    site: { file: scope.file, from: statement.from, to: statement.to },
    iterable,
    words: isCounting(iterable) ? [] : words,
  };
  const { elements, isWhole } = elementsOf(machine, iterable, loop);
  const assign = (value: Value) => (): void => machine.assign(statement.target, value, scope);
  const rounds = isWhole ? elements.slice(0, MOST_ELEMENTS).map(assign) : null;
  const completion = followRounds(machine, loop, statement.body, scope, {
    rounds,
    next: () =>
      machine.assign(statement.target, elementsOf(machine, iterable, loop).elements[0] ?? machine.fresh(), scope),
    isEndless: false,
  });
  return completion === "normal" ? machine.execute(statement.otherwise, scope) : completion;
}

const isCounting = (value: Value): boolean => value.kind === "object" && value.type === "range";

function attributeNames({ iterable }: ForStatement): string[] {
  return iterable.kind === "attribute" ? [iterable.name] : [];
}

export function followWhile(machine: Machine, statement: WhileStatement, scope: Scope): Completion {
  const truth = truthOf(machine, statement.test, scope);
  if (truth === false) return "normal";
  const loop: Loop = { site: { file: scope.file, from: statement.from, to: statement.to }, iterable: null, words: [] };
  return followRounds(machine, loop, statement.body, scope, {
    rounds: null,
    next: () => undefined,
    isEndless: truth === true,
  });
}

interface Rounds {
  /** What prepares each round of a literal list; null for any other loop. */
  readonly rounds: readonly (() => void)[] | null;
  readonly next: () => void;
  /** It ends by `break` alone. */
  readonly isEndless: boolean;
}

function followRounds(
  machine: Machine,
  loop: Loop,
  body: Block,
  scope: Scope,
  { rounds, next, isEndless }: Rounds,
): Completion {
  const count = rounds === null ? 2 : rounds.length;
  for (let round = 0; round < count; round++) {
    const { completion, changes, exits } = followRound(machine, loop, round, body, scope, rounds?.[round] ?? next);
    const returns = exits.filter(({ kind }) => kind === "return");
    machine.exits.push(...returns);
    const again: Way[] = exits
      .filter(({ kind }) => kind === "continue")
      .map((exit) => ({ changes: exit.changes, guards: [] }));
    if (completion === "normal") again.push({ changes, guards: [] });
    const breaks: Way[] = exits
      .filter(({ kind }) => kind === "break")
      .map((exit) => ({ changes: exit.changes, guards: [] }));
    const isLast =
      round === count - 1 || again.length === 0 || (rounds === null && !again.some((way) => changesModes(way.changes)));
    if (!isLast) {
      machine.store.join(again);
      continue;
    }
    const ways = isEndless && breaks.length > 0 ? breaks : [...again, ...breaks];
    if (ways.length === 0)
      return completion === "return" || isEndless ? completion : completion === "raise" ? "raise" : "normal";
    machine.store.join(ways);
    return "normal";
  }
  return "normal";
}

interface Round {
  readonly completion: Completion;
  readonly changes: Changes;
  readonly exits: readonly Exit[];
}

function followRound(
  machine: Machine,
  loop: Loop,
  iteration: number,
  body: Block,
  scope: Scope,
  prepare: () => void,
): Round {
  const outer = { exits: machine.exits, depth: machine.loopDepth };
  machine.exits = [];
  machine.loopDepth = machine.store.depth;
  machine.loops.push({ loop, iteration });
  let completion: Completion = "normal";
  const changes = machine.store.follow(() => {
    prepare();
    completion = machine.execute(body, scope);
  });
  machine.loops.pop();
  const exits = machine.exits;
  machine.exits = outer.exits;
  machine.loopDepth = outer.depth;
  return { completion, changes, exits };
}

function changesModes(changes: Changes): boolean {
  for (const [fields, entries] of changes)
    if (entries.has("#norm") && entries.get("#norm") !== fields.get("#norm")) return true;
  return false;
}
