import type { ImportedName, Statement } from "../statements";
import type { Cursor } from "./cursor";

/** `import a.b as c, d` */
export function parseImport(cursor: Cursor): Statement {
  const { from } = cursor.take();
  const names: ImportedName[] = [];
  do names.push(withAlias(cursor, parseDottedName(cursor)));
  while (cursor.skip(","));
  return { kind: "import", names, ...cursor.since(from) };
}

/** `from ..a import b as c` */
export function parseImportFrom(cursor: Cursor): Statement {
  const { from } = cursor.take();
  let level = 0;
  while (cursor.isAt(".") || cursor.isAt("...")) level += cursor.take().value.length;
  const module = level > 0 && cursor.isAt("import") ? "" : parseDottedName(cursor);
  cursor.expect("import");
  const names = cursor.skip("*") ? null : parseImportedNames(cursor);
  return { kind: "importFrom", level, module, names, ...cursor.since(from) };
}

function parseImportedNames(cursor: Cursor): ImportedName[] {
  const isBracketed = cursor.skip("(");
  const names: ImportedName[] = [];
  do names.push(withAlias(cursor, cursor.expectType("name").value));
  while (cursor.skip(",") && !(isBracketed && cursor.isAt(")")));
  if (isBracketed) cursor.expect(")");
  return names;
}

function withAlias(cursor: Cursor, name: string): ImportedName {
  return { name, alias: cursor.skip("as") ? cursor.expectType("name").value : null };
}

function parseDottedName(cursor: Cursor): string {
  const names: string[] = [];
  do names.push(cursor.expectType("name").value);
  while (cursor.skip("."));
  return names.join(".");
}
