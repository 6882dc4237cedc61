/** What the tables that NormLens reads have to look like. */
import {
  type TableDeclaration,
  type TableName,
  activityColumns,
  channelColumns,
  normScalars,
  quantileNames,
  quantileQuantities,
  stepColumns,
  tableNames,
} from "../../protocol/numbers";

export const isKnownTable = (name: string): name is TableName => (tableNames as readonly string[]).includes(name);

/** Columns that are read, of each table. */
export const knownColumns: Readonly<Record<TableName, ReadonlySet<string>>> = {
  steps: new Set(stepColumns),
  norms: new Set([
    ...normScalars,
    ...quantileQuantities.flatMap((quantity) => quantileNames.map((name) => `${quantity}.${name}`)),
  ]),
  activity: new Set(activityColumns),
  channels: new Set(channelColumns),
};

/** Why a table cannot be read as what its name says; null when it can, or its name is the producer's own. */
export function shapeFault({ name, layers, values }: TableDeclaration): string | null {
  if (!isKnownTable(name)) return null;
  if (name === "steps" && layers.length > 0) return "it names layers, but steps belong to the whole run";
  if (name !== "steps" && layers.length === 0) return "it names no layers";
  if (name === "channels" && layers.length > 1)
    return `it names ${layers.length} layers, but channels belong to one layer`;
  if (name !== "channels" && values !== 1) return `it has ${values} values per column, but only channels have several`;
  return new Set(layers).size < layers.length ? "it names a layer twice" : null;
}

/** Whether a table is the one named and can be read as such. */
export const isReadableAs = (name: TableName, declaration: TableDeclaration): boolean =>
  declaration.name === name && shapeFault(declaration) === null;
