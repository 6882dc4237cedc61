/** Python's ways to make strings of values, as far as layer names use them. */
import type { SourceRange } from "../../protocol/modelGraph";
import { numberOf } from "./aboutValues";
import { string, unknownPlain } from "./newValues";
import type { Value } from "./values";

/** `str(value)`, or null when the reader does not know it. */
export function textOfValue(value: Value): string | null {
  switch (value.kind) {
    case "string":
      return value.value;
    case "int":
      return String(value.value);
    case "float":
      return floatText(value.value);
    case "bool":
      return value.value ? "True" : "False";
    case "none":
      return "None";
    case "open":
      return value.name;
    case "path":
      return value.path;
    default:
      return null;
  }
}

/** `repr(value)`, or null. */
export function reprOfValue(value: Value): string | null {
  if (value.kind !== "string") return textOfValue(value);
  return /^[\x20-\x7e]*$/.test(value.value) && !/['\\]/.test(value.value) ? `'${value.value}'` : null;
}

/** Python's shortest repr has the same digits as JavaScript's, and other thresholds for the exponent. */
function floatText(value: number): string | null {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  const text = String(value);
  return /[.e]/.test(text)
    ? text
    : `${text}${Object.is(value, -0) ? ".0" : ".0"}`.replace(/^0\.0$/, Object.is(value, -0) ? "-0.0" : "0.0");
}

/** One value under a format specification such as `02d`, `.3f` or `>4`. */
export function formatValue(value: Value, specification: string): string | null {
  if (specification === "") return textOfValue(value);
  const match = /^(?:(.)?([<>^]))?(0)?(\d+)?(?:\.(\d+))?([dsf])?$/.exec(specification);
  if (match === null) return null;
  const [, fill, align, zero, width, precision, type] = match;
  const text = formatBody(value, precision, type);
  if (text === null) return null;
  const isNumber = value.kind === "int" || value.kind === "float";
  const character = fill ?? (zero === undefined ? " " : "0");
  return pad(text, Number(width ?? 0), character, align ?? (isNumber ? ">" : "<"));
}

function formatBody(value: Value, precision: string | undefined, type: string | undefined): string | null {
  const number = numberOf(value);
  if (type === "f") return number === null ? null : number.toFixed(Number(precision ?? 6));
  if (type === "d" && value.kind !== "int") return null;
  if (type === "s" && value.kind !== "string") return null;
  return precision === undefined ? textOfValue(value) : null;
}

function pad(text: string, width: number, fill: string, align: string): string {
  const missing = Math.max(0, Math.min(width, 1000) - text.length);
  if (align === "<") return text + fill.repeat(missing);
  if (align === ">")
    return text.startsWith("-") && fill === "0"
      ? `-${fill.repeat(missing)}${text.slice(1)}`
      : fill.repeat(missing) + text;
  return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2));
}

/** `"block%d" % 3`. */
export function formatPercent(template: string, values: Value, range: SourceRange): Value {
  const args = values.kind === "tuple" ? [...values.elements] : [values];
  let failed = args.some((arg) => arg.kind === "dict");
  const text = template.replace(
    /%(%|(0?)(\d*)([sdi])|(?:\.(\d+))f|.)/g,
    (whole, code: string, zero: string, width: string, type: string, precision: string) => {
      if (code === "%") return "%";
      const value = args.shift();
      const isFloat = whole.endsWith("f");
      const specification = isFloat ? `.${precision}f` : `${type === "s" ? ">" : ""}${zero}${width}`;
      const isKnown =
        value !== undefined && (isFloat || type !== undefined) && (type === "s" || isFloat || value.kind === "int");
      const formatted = isKnown ? formatValue(value, specification === ">" ? "" : specification) : null;
      failed ||= formatted === null;
      return formatted ?? "";
    },
  );
  return failed || args.length > 0
    ? unknownPlain("NormLens does not follow this formatted string", range)
    : string(text);
}

/** `"{}_{name}".format(1, name=2)`. */
export function formatTemplate(
  template: string,
  positional: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  range: SourceRange,
): Value {
  let next = 0;
  let failed = false;
  const text = template.replace(
    /\{\{|\}\}|\{(\w*)(?::([^{}]*))?\}|[{}]/g,
    (whole, field: string | undefined, specification: string | undefined) => {
      if (whole === "{{" || whole === "}}") return whole.charAt(0);
      if (field === undefined) {
        failed = true;
        return "";
      }
      const value =
        field === "" ? positional[next++] : /^\d+$/.test(field) ? positional[Number(field)] : keywords.get(field);
      const formatted = value === undefined ? null : formatValue(value, specification ?? "");
      failed ||= formatted === null;
      return formatted ?? "";
    },
  );
  return failed ? unknownPlain("NormLens does not follow this formatted string", range) : string(text);
}
