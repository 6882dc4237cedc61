/**
 * Shortens long dotted names to what distinguishes them: first it drops parts that all names have in common, and only
 * if that is not enough the middle. Different names have different results.
 */
const CUT = "…";

interface Part {
  /** As written in the name. */
  readonly text: string;
  /** The same, without the beginning that its siblings share. */
  readonly short: string;
  /** True when names that are equal up to here differ in this part. */
  readonly differs: boolean;
}

export function shortNames(names: readonly string[], longest: number): string[] {
  if (names.every(({ length }) => length <= longest)) return [...names];
  const siblings = siblingsOf(names);
  const shortened = names.map((name) => (name.length <= longest ? name : shortName(partsOf(name, siblings), longest)));
  return distinct(names, shortened, longest);
}

/** For each beginning of a name, the parts that follow it; an empty part where a name ends. */
function siblingsOf(names: readonly string[]): Map<string, Set<string>> {
  const siblings = new Map<string, Set<string>>();
  for (const name of names) {
    let path = "";
    for (const part of [...name.split("."), ""]) {
      const known = siblings.get(path) ?? new Set();
      siblings.set(path, known.add(part));
      path += `${part}.`;
    }
  }
  return siblings;
}

function partsOf(name: string, siblings: ReadonlyMap<string, ReadonlySet<string>>): Part[] {
  let path = "";
  return name.split(".").map((text) => {
    const others = [...(siblings.get(path) ?? [])];
    path += `${text}.`;
    const common = others.length > 1 ? commonStart(others) : 0;
    return { text, short: common > 1 ? CUT + text.slice(common) : text, differs: others.length > 1 };
  });
}

/** The number of letters that all texts begin with. Numbers are not cut, and every text keeps at least one letter. */
function commonStart(texts: readonly string[]): number {
  const [first = ""] = texts;
  let length = 0;
  const most = Math.min(...texts.map((text) => text.length)) - 1;
  while (length < most && texts.every((text) => text[length] === first[length])) length++;
  return first.slice(0, Math.max(0, length)).replace(/\d+$/, "").length;
}

/** Drops as little as possible from the left: parts in which names don't differ, then beginnings, then the middle. */
function shortName(parts: readonly Part[], longest: number): string {
  const kept: (string | null)[] = parts.map(({ text }) => text);
  const fits = (): boolean => joined(kept).length <= longest;
  const shorten = (change: (part: Part, index: number) => void): void =>
    parts.forEach((part, index) => {
      if (!fits()) change(part, index);
    });
  shorten(({ differs }, index) => {
    if (!differs) kept[index] = null;
  });
  shorten(({ short, differs }, index) => {
    if (differs) kept[index] = short;
  });
  const name = joined(kept);
  if (name.length <= longest) return name;
  const ending = Math.max(1, Math.ceil((longest - 1) / 2));
  return name.slice(0, Math.max(0, longest - 1 - ending)) + CUT + name.slice(name.length - ending);
}

function joined(kept: readonly (string | null)[]): string {
  let name = "";
  kept.forEach((part, index) => {
    const follows = index > 0 && !name.endsWith(CUT);
    if (part === null) name += follows || index === 0 ? CUT : "";
    else if (part.startsWith(CUT)) name += name.endsWith(CUT) ? part.slice(CUT.length) : part;
    else name += follows ? `.${part}` : part;
  });
  return name;
}

/** Where shortening made two names equal, a number distinguishes them: unique is more important than short. */
function distinct(names: readonly string[], shortened: readonly string[], longest: number): string[] {
  const taken = new Map<string, string>();
  const claims = (short: string, name: string): boolean => {
    if (taken.has(short)) return taken.get(short) === name;
    taken.set(short, name);
    return true;
  };
  // A name that was not shortened stays as it is.
  names.forEach((name, index) => name === shortened[index] && claims(name, name));
  return names.map((name, index) => {
    let short = shortened[index] ?? name;
    for (let number = 1; !claims(short, name); number++) {
      const mark = `#${number}`;
      short = (shortened[index] ?? name).slice(0, Math.max(0, longest - mark.length)) + mark;
    }
    return short;
  });
}
