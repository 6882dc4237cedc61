import { dictKey, isUnknown } from "../aboutValues";
import { bool, dict, int, list, none, string, tuple, unknown } from "../newValues";
import { pairsOf } from "../truth";
import type { DictValue, UnknownValue, Value } from "../values";
import type { Method, MethodCall, Methods } from "./methodCall";

function entryOf(receiver: DictValue, key: Value): Value | null {
  const text = dictKey(key);
  return text === null ? null : (receiver.entries.get(text)?.value ?? null);
}

function keyProblem({ receiver, args, range }: MethodCall<DictValue>): UnknownValue | null {
  const [key = none] = args.positional;
  if (receiver.taint !== null) return receiver.taint;
  if (args.taint !== null) return args.taint;
  if (dictKey(key) !== null) return null;
  return key.kind === "unknown"
    ? { ...key, isPlain: false }
    : unknown("NormLens does not follow a dict key of this kind", range);
}

const popItem: Method<DictValue> = ({ machine, receiver, args, range }) => {
  if (receiver.taint !== null) return receiver.taint;
  machine.journal.beforeDict(receiver);
  const isFirst = args.keywords.get("last") ?? args.positional[0];
  const entries = [...receiver.entries];
  const found = isFirst?.kind === "bool" && !isFirst.value ? entries[0] : entries.at(-1);
  if (found === undefined) return unknown("the dict is empty (Python raises a KeyError)", range);
  receiver.entries.delete(found[0]);
  return tuple([found[1].key, found[1].value]);
};

/** OrderedDict.move_to_end. */
const moveToEnd: Method<DictValue> = (call) => {
  const { machine, receiver, args, range } = call;
  const problem = keyProblem(call);
  if (problem !== null) return problem;
  machine.journal.beforeDict(receiver);
  const text = dictKey(args.positional[0] ?? none) ?? "";
  const entry = receiver.entries.get(text);
  if (entry === undefined) return (receiver.taint = unknown("the dict does not have this key", range));
  const last = args.keywords.get("last") ?? args.positional[1];
  receiver.entries.delete(text);
  const others = [...receiver.entries];
  const isFirst = last?.kind === "bool" && !last.value;
  receiver.entries = new Map(isFirst ? [[text, entry], ...others] : [...others, [text, entry]]);
  return none;
};

/** The entry of a key that must be there. */
const item: Method<DictValue> = (call) =>
  keyProblem(call) ??
  entryOf(call.receiver, call.args.positional[0] ?? none) ??
  unknown("the dict does not have this key (Python raises a KeyError)", call.range);

/** What a keyword argument likely is that a call which nobody wrote may have: only where it is None otherwise. */
function likelyKeyword({ machine, receiver, args }: MethodCall<DictValue>): Value | null {
  const [key = none, fallback = none] = args.positional;
  if (receiver.isOpen !== true || key.kind !== "string" || fallback.kind !== "none") return null;
  return machine.library.keywordModule(key.value);
}

const setItem: Method<DictValue> = (call) => {
  const { machine, receiver, args, range } = call;
  const [key = none, value = none] = args.positional;
  machine.journal.beforeDict(receiver);
  const text = dictKey(key);
  if (text === null) receiver.taint ??= keyProblem(call) ?? unknown("the key of this dict is unknown", range);
  else receiver.entries.set(text, { key, value });
  return none;
};

export const dictMethods: Methods<DictValue> = {
  __getitem__: item,
  __setitem__: setItem,
  __contains__: (call) => keyProblem(call) ?? bool(entryOf(call.receiver, call.args.positional[0] ?? none) !== null),
  __len__: ({ receiver }) => receiver.taint ?? int(receiver.entries.size),
  keys: ({ receiver }) => receiver.taint ?? list([...receiver.entries.values()].map((entry) => entry.key)),
  values: ({ receiver }) => receiver.taint ?? list([...receiver.entries.values()].map((entry) => entry.value)),
  items: ({ receiver }) =>
    receiver.taint ?? list([...receiver.entries.values()].map((entry) => tuple([entry.key, entry.value]))),
  copy: ({ receiver }) => receiver.taint ?? { kind: "dict", entries: new Map(receiver.entries), taint: null },
  get: (call) =>
    keyProblem(call) ??
    entryOf(call.receiver, call.args.positional[0] ?? none) ??
    likelyKeyword(call) ??
    call.args.positional[1] ??
    none,
  pop: (call) => {
    const problem = keyProblem(call);
    if (problem !== null) {
      // Which entry is gone is not known.
      call.machine.journal.beforeDict(call.receiver);
      call.receiver.taint ??= problem;
      return problem;
    }
    call.machine.journal.beforeDict(call.receiver);
    const [key = none, fallback] = call.args.positional;
    const value = entryOf(call.receiver, key);
    call.receiver.entries.delete(dictKey(key) ?? "");
    return (
      value ??
      likelyKeyword(call) ??
      fallback ??
      unknown("the dict does not have this key (Python raises a KeyError)", call.range)
    );
  },
  popitem: popItem,
  move_to_end: moveToEnd,
  clear: ({ machine, receiver }) => {
    machine.journal.beforeDict(receiver);
    receiver.entries = new Map();
    receiver.taint = null;
    return none;
  },
  setdefault: (call) => {
    const problem = keyProblem(call);
    if (problem !== null) {
      call.machine.journal.beforeDict(call.receiver);
      call.receiver.taint ??= problem;
      return problem;
    }
    const [key = none, fallback = none] = call.args.positional;
    const value = entryOf(call.receiver, key);
    if (value !== null) return value;
    call.machine.journal.beforeDict(call.receiver);
    call.receiver.entries.set(dictKey(key) ?? "", { key, value: fallback });
    return fallback;
  },
  update: ({ machine, receiver, args, range }) => {
    machine.journal.beforeDict(receiver);
    const pairs = args.taint ?? pairsOf(args.positional[0] ?? dict(), range);
    if (isUnknown(pairs)) return (receiver.taint ??= pairs);
    const named = [...args.keywords].map(([name, value]) => [string(name), value] as const);
    for (const [key, value] of [...pairs, ...named]) {
      const text = dictKey(key);
      if (text === null) receiver.taint ??= unknown("NormLens does not follow a dict key of this kind", range);
      else receiver.entries.set(text, { key: receiver.entries.get(text)?.key ?? key, value });
    }
    return none;
  },
};
