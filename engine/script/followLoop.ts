/** Loops: literal lists element by element, everything else twice where the first time ends in another mode. */
import type { Block, ForStatement, WhileStatement } from "../python/statements";
import { namesIn } from "../python/walk";
import { truthOf } from "./conditions";
import { elementsOf } from "./iterate";
import type { Ending, Exit, Tracing } from "./tracing";
import { changesNormModes, type TracedChanges, type Way } from "./store";
import type { Loop, TracedScope, TracedValue } from "./tracedValues";
import { wordsOf } from "./words";

const MOST_ELEMENTS = 12;

export function followFor(tracing: Tracing, statement: ForStatement, scope: TracedScope): Ending {
  const iterable = tracing.evaluate(statement.iterable, scope);
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
  const { elements, isWhole } = elementsOf(tracing, iterable, loop);
  const assign = (value: TracedValue) => (): void => tracing.assign(statement.target, value, scope);
  const rounds = isWhole ? elements.slice(0, MOST_ELEMENTS).map(assign) : null;
  const completion = followRounds(tracing, loop, statement.body, scope, {
    rounds,
    next: () =>
      tracing.assign(statement.target, elementsOf(tracing, iterable, loop).elements[0] ?? tracing.fresh(), scope),
    isEndless: false,
  });
  return completion === "normal" ? tracing.execute(statement.otherwise, scope) : completion;
}

const isCounting = (value: TracedValue): boolean => value.kind === "object" && value.type === "range";

function attributeNames({ iterable }: ForStatement): string[] {
  return iterable.kind === "attribute" ? [iterable.name] : [];
}

export function followWhile(tracing: Tracing, statement: WhileStatement, scope: TracedScope): Ending {
  const truth = truthOf(tracing, statement.test, scope);
  if (truth === false) return "normal";
  const loop: Loop = { site: { file: scope.file, from: statement.from, to: statement.to }, iterable: null, words: [] };
  return followRounds(tracing, loop, statement.body, scope, {
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
  tracing: Tracing,
  loop: Loop,
  body: Block,
  scope: TracedScope,
  { rounds, next, isEndless }: Rounds,
): Ending {
  const count = rounds === null ? 2 : rounds.length;
  for (let round = 0; round < count; round++) {
    const { completion, changes, exits } = followRound(tracing, loop, round, body, scope, rounds?.[round] ?? next);
    const returns = exits.filter(({ kind }) => kind === "return");
    tracing.exits.push(...returns);
    const again: Way[] = exits
      .filter(({ kind }) => kind === "continue")
      .map((exit) => ({ changes: exit.changes, guards: [] }));
    if (completion === "normal") again.push({ changes, guards: [] });
    const breaks: Way[] = exits
      .filter(({ kind }) => kind === "break")
      .map((exit) => ({ changes: exit.changes, guards: [] }));
    const isLast =
      round === count - 1 ||
      again.length === 0 ||
      (rounds === null && !again.some((way) => changesNormModes(way.changes)));
    if (!isLast) {
      tracing.store.join(again);
      continue;
    }
    const ways = isEndless && breaks.length > 0 ? breaks : [...again, ...breaks];
    if (ways.length === 0)
      return completion === "return" || isEndless ? completion : completion === "raise" ? "raise" : "normal";
    tracing.store.join(ways);
    return "normal";
  }
  return "normal";
}

interface Round {
  readonly completion: Ending;
  readonly changes: TracedChanges;
  readonly exits: readonly Exit[];
}

function followRound(
  tracing: Tracing,
  loop: Loop,
  iteration: number,
  body: Block,
  scope: TracedScope,
  prepare: () => void,
): Round {
  const outer = { exits: tracing.exits, depth: tracing.loopDepth };
  tracing.exits = [];
  tracing.loopDepth = tracing.store.depth;
  tracing.loops.push({ loop, iteration });
  let completion: Ending = "normal";
  const changes = tracing.store.follow(() => {
    prepare();
    completion = tracing.execute(body, scope);
  });
  tracing.loops.pop();
  const exits = tracing.exits;
  tracing.exits = outer.exits;
  tracing.loopDepth = outer.depth;
  return { completion, changes, exits };
}
