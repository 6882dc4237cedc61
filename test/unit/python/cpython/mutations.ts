/** Small changes of Python texts, most of which make another text that is nearly Python. The same seed, the same texts. */

export type Random = () => number;

/** Mulberry32: numbers from 0 to 1. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random: Random, count: number): number => Math.floor(random() * count);

const pick = <T>(random: Random, values: readonly T[], otherwise: T): T =>
  values[below(random, values.length)] ?? otherwise;

interface Piece {
  readonly from: number;
  readonly to: number;
}

const TOKEN = /[\p{L}_][\p{L}\p{N}_]*|\d[\w.]*|"""|'''|\*\*=?|\/\/=?|<<=?|>>=?|:=|->|[-+*/%&|^=<>!]=|\.\.\.|[^\s\w]/gu;

const tokensOf = (text: string): Piece[] =>
  [...text.matchAll(TOKEN)].map(({ 0: found, index }) => ({ from: index, to: index + found.length }));

const lineStarts = (text: string): number[] => [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];

const replaced = (text: string, { from, to }: Piece, by: string): string => text.slice(0, from) + by + text.slice(to);

const inserted = (text: string, at: number, what: string): string => text.slice(0, at) + what + text.slice(at);

const WORDS =
  "if else elif for in while with as try except finally def class return yield await async lambda not and or is del pass global nonlocal import from raise assert match case type print None True ( ) [ ] { } , : ; . = == := * ** @ -> ... + - ~ ! 1 1.5e3 0x1f 0777 1_0 1__0 1j '' f'{x}' f'{x!r:>{w}}' b'' r'\\' x _ \\".split(
    " ",
  );

type Mutation = (text: string, random: Random) => string;

const atToken =
  (change: (text: string, tokens: readonly Piece[], index: number, random: Random) => string): Mutation =>
  (text, random) => {
    const tokens = tokensOf(text);
    return tokens.length === 0 ? text : change(text, tokens, below(random, tokens.length), random);
  };

const none: Piece = { from: 0, to: 0 };

/** By the words under which a disagreement is reported. */
export const mutations: Readonly<Record<string, Mutation>> = {
  "a token less": atToken((text, tokens, index) => replaced(text, tokens[index] ?? none, "")),
  "a token twice": atToken((text, tokens, index) => {
    const { from, to } = tokens[index] ?? none;
    return inserted(text, to, ` ${text.slice(from, to)}`);
  }),
  "two tokens swapped": atToken((text, tokens, index) => {
    const [first, second] = [tokens[index] ?? none, tokens[index + 1] ?? tokens[index] ?? none];
    const [a, b] = [text.slice(first.from, first.to), text.slice(second.from, second.to)];
    return text.slice(0, first.from) + b + text.slice(first.to, second.from) + a + text.slice(second.to);
  }),
  "a token of elsewhere": atToken((text, tokens, index, random) => {
    const { from, to } = pick(random, tokens, none);
    return replaced(text, tokens[index] ?? none, text.slice(from, to));
  }),
  "another word": atToken((text, tokens, index, random) =>
    replaced(text, tokens[index] ?? none, ` ${pick(random, WORDS, "x")} `),
  ),
  "a word more": atToken((text, tokens, index, random) =>
    inserted(text, tokens[index]?.from ?? 0, ` ${pick(random, WORDS, "x")} `),
  ),
  "a star more": atToken((text, tokens, index, random) =>
    inserted(text, tokens[index]?.from ?? 0, pick(random, ["*", "**", "*a, ", "(*a)", "*_ := "], "*")),
  ),
  "brackets more": atToken((text, tokens, index, random) => {
    const [from, to] = [tokens[index]?.from ?? 0, tokens[index + below(random, 4)]?.to ?? text.length];
    const [open = "", close = ""] = pick(random, ["()", "[]", "{}"], "()");
    return `${text.slice(0, from)}${open}${text.slice(from, to)}${close}${text.slice(to)}`;
  }),
  "a letter less": (text, random) => {
    const at = below(random, text.length);
    return text.slice(0, at) + text.slice(at + 1);
  },
  "a letter more": (text, random) =>
    inserted(text, below(random, text.length), pick(random, [..."\"'()[]{}:;,.=*@\\#!?$ \n\tae0_é"], " ")),
  cut: (text, random) => text.slice(0, below(random, text.length)),
  "other line ends": (text, random) => {
    const ends = pick(random, [["\r\n"], ["\r"], ["\r\n", "\n"], ["\r", "\n"], ["\n", "\r\n", "\r"]], ["\n"]);
    return text.replace(/\n/g, () => pick(random, ends, "\n"));
  },
  "a form feed": (text, random) => {
    const starts = lineStarts(text);
    const at = random() < 0.7 ? pick(random, starts, 0) : pick(random, tokensOf(text), none).from;
    return inserted(text, at, pick(random, ["\f", "\f\n", " \f ", "\f    "], "\f"));
  },
  "a backslash before a line's end": (text, random) => {
    const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
    return inserted(
      text,
      pick(random, ends, text.length),
      pick(random, ["\\", " \\", "\\\n", " \\\n   ", "\\ "], "\\"),
    );
  },
  "a line broken": atToken((text, tokens, index, random) =>
    inserted(text, tokens[index]?.from ?? 0, pick(random, ["\\\n", "\n", "\\\r\n", "\\\n    ", "# c\n"], "\n")),
  ),
  "another indent": (text, random) =>
    inserted(text, pick(random, lineStarts(text), 0), pick(random, [" ", "\t", "    "], " ")),
  "an indent less": (text, random) => {
    const starts = lineStarts(text).filter((start) => /^[ \t]/.test(text.slice(start, start + 1)));
    const at = pick(random, starts, 0);
    return text.slice(0, at) + text.slice(at).replace(/^[ \t]{1,4}/, "");
  },
  "tabs for blanks": (text, random) => {
    const starts = lineStarts(text).filter((start) => text.startsWith("    ", start));
    const at = pick(random, starts, -1);
    return at < 0 ? text : `${text.slice(0, at)}\t${text.slice(at + (random() < 0.5 ? 4 : 8))}`;
  },
};

/** Up to `lines` lines of a file that begin at the left edge, so that they parse by themselves in most cases. */
export function excerpt(text: string, random: Random, lines: number): string {
  const starts = [...text.matchAll(/^(?=[\p{L}_@"'#])/gmu)].map(({ index }) => index);
  const from = pick(random, starts, 0);
  const all = text.slice(from).split(/(?<=\n)/);
  const most = all.slice(0, lines);
  let end = most.length;
  while (end > 1 && end < all.length && /^[\s)\]}]/.test(all[end] ?? "")) end--;
  return most.slice(0, end).join("");
}
