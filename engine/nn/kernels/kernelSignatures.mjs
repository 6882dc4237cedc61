/**
 * Reads the signatures of the kernels from the AssemblyScript sources and writes `signatures.ts` from them: the names
 * of every kernel's arguments, their types, and calls that take names in place of positions.
 *
 * Arguments that belong together are one field of a call: the loops `images, rows, positions` are a `Region`, and an
 * address `x` with its strides `xImage, xRow, xPosition` is an `Operand` (operands.ts).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ name: string, arguments: string[], result: string }} Signature */
/**
 * @typedef {{ field: string, type: string, values: string[] }} Field a field of a call, and the arguments it stands for
 */

/** Loops: a field and its type, for arguments of these names. */
const LOOPS = [
  { field: "region", type: "Region", names: ["images", "rows", "positions"] },
  { field: "axes", type: "SplitAxes", names: ["outer0", "outer1", "inner0", "inner1", "inner2"] },
];
/** Strides: the type of an address that is followed by its own name with these endings. */
const STRIDES = [
  { type: "Operand", names: ["image", "row", "position"] },
  { type: "SplitOperand", names: ["image", "outer0", "outer1", "inner0", "inner1", "inner2"] },
];

/**
 * Every exported function of the modules that `index.ts` exports, in its order.
 * @param {string} assembly folder of the sources
 * @returns {Signature[]}
 */
export function readSignatures(assembly) {
  const index = readFileSync(join(assembly, "index.ts"), "utf8");
  return [...index.matchAll(/from "(.+)"/g)].flatMap(([, module]) =>
    signaturesIn(readFileSync(join(assembly, `${module}.ts`), "utf8")),
  );
}

/**
 * @param {string} source
 * @returns {Signature[]}
 */
export function signaturesIn(source) {
  return [...source.matchAll(/^export function (\w+)\(([^)]*)\): (\w+)/gm)].map(([, name = "", list = "", result]) => ({
    name,
    arguments: [...list.matchAll(/(\w+): \w+/g)].map(([, argument = ""]) => argument),
    result: result === "void" ? "void" : "number",
  }));
}

/**
 * @param {readonly string[]} list names of arguments
 * @returns {Field[]}
 */
export function fieldsOf(list) {
  const [first] = list;
  if (first === undefined) return [];
  const field = firstField(list, first);
  return [field, ...fieldsOf(list.slice(field.values.length))];
}

/**
 * @param {readonly string[]} list
 * @param {string} first
 * @returns {Field} of the first argument, and of those after it that belong to it
 */
function firstField(list, first) {
  const starts = (/** @type {readonly string[]} */ names) => names.every((name, index) => list[index] === name);
  const loops = LOOPS.find(({ names }) => starts(names));
  if (loops) return { ...loops, values: loops.names.map((name) => `${loops.field}.${name}`) };
  const strides = STRIDES.find(({ names }) => starts([first, ...names.map((name) => first + capitalized(name))]));
  if (strides)
    return { field: first, type: strides.type, values: ["base", ...strides.names].map((name) => `${first}.${name}`) };
  return { field: first, type: "number", values: [first] };
}

const capitalized = (/** @type {string} */ name) => name.charAt(0).toUpperCase() + name.slice(1);

/**
 * @param {readonly Signature[]} signatures
 * @returns {string} the text of `signatures.ts`
 */
export function signatureModule(signatures) {
  return `// biome-ignore-all format: written by build.mjs from assembly/*.ts, which is the place for changes.
/* eslint-disable max-lines-per-function -- one call a kernel */
import type { Operand, Region, SplitAxes, SplitOperand } from "./operands";

/** The names of every kernel's arguments, in their order. */
export const kernelArguments = {
${signatures.map(names).join("\n")}
} as const;

export type KernelName = keyof typeof kernelArguments;
export type ArgumentOf<Name extends KernelName> = (typeof kernelArguments)[Name][number];

type Numbers<Names extends readonly string[]> = { readonly [Index in keyof Names]: number };
/** The kernels as WebAssembly has them: arguments by position. */
export type PositionalKernels = {
  readonly [Name in KernelName]: (...args: Numbers<(typeof kernelArguments)[Name]>) => ReturnType<Kernels[Name]>;
};

/** The kernels as the engine calls them: arguments by name. */
export interface Kernels {
${signatures.map(declaration).join("\n")}
}

/** Calls by name of these kernels. */
export function namedKernels(kernels: PositionalKernels): Kernels {
  return {
${signatures.map(implementation).join("\n")}
  };
}
`;
}

/** @param {Signature} signature */
function names({ name, arguments: list }) {
  return wrapped(
    `  ${name}: [`,
    list.map((argument) => `"${argument}"`),
    "],",
  );
}

/** @param {Signature} signature */
function declaration({ name, arguments: list, result }) {
  if (list.length === 0) return `  readonly ${name}: () => ${result};`;
  const fields = fieldsOf(list).map(({ field, type }) => `${field}: ${type}`);
  return wrapped(`  readonly ${name}: (call: { `, fields, ` }) => ${result};`, "; ");
}

/** @param {Signature} signature */
function implementation({ name, arguments: list }) {
  if (list.length === 0) return `    ${name}: kernels.${name},`;
  const fields = fieldsOf(list);
  const head = wrapped(
    `    ${name}: ({ `,
    fields.map(({ field }) => field),
    " }) =>",
  );
  return `${head}\n${wrapped(
    `      kernels.${name}(`,
    fields.flatMap(({ values }) => values),
    "),",
  )}`;
}

const LINE_WIDTH = 120;

/**
 * @param {string} head
 * @param {readonly string[]} parts
 * @param {string} end
 * @param {string} separator
 * @returns {string} one line, or several where one would be too long
 */
function wrapped(head, parts, end, separator = ", ") {
  const indent = `${/^ */.exec(head)?.[0] ?? ""}  `;
  const lines = [head];
  for (const [index, part] of parts.entries()) {
    const text = part + (index === parts.length - 1 ? end : separator);
    const line = lines.pop() ?? "";
    if (line.length + text.trimEnd().length <= LINE_WIDTH) lines.push(line + text);
    else lines.push(line.trimEnd(), indent + text);
  }
  return (parts.length === 0 ? [head + end] : lines).join("\n");
}
