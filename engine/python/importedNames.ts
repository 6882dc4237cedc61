/** What an import statement binds (docs.python.org/3/reference/simple_stmts.html#import). */
import type { ImportFromStatement, ImportStatement } from "./statements";

/** A module as an import names it; `level` counts the dots in front of it. */
export interface ModuleName {
  readonly module: string;
  readonly level: number;
}

/** One name that is bound to a module, or to what a module calls `member`. */
export interface ImportedName extends ModuleName {
  readonly bound: string;
  /** null for the module itself. */
  readonly member: string | null;
  /** The module that is loaded: `import a.b` binds `a` and loads `a.b`. */
  readonly loaded: string;
}

/** The names in the order of the text; none for `from m import *`, which `starOf` reports. */
export function importedNames(statement: ImportStatement | ImportFromStatement): ImportedName[] {
  if (statement.kind === "import") {
    return statement.names.map(({ name, alias }) => {
      const [first = name] = name.split(".");
      return alias === null
        ? { bound: first, module: first, level: 0, member: null, loaded: name }
        : { bound: alias, module: name, level: 0, member: null, loaded: name };
    });
  }
  const { module, level } = statement;
  return (statement.names ?? []).map(({ name, alias }) => ({
    bound: alias ?? name,
    module,
    level,
    member: name,
    loaded: module,
  }));
}

/** `from m import *`: which module, else null. */
export function starOf(statement: ImportStatement | ImportFromStatement): ModuleName | null {
  if (statement.kind === "import" || statement.names !== null) return null;
  return { module: statement.module, level: statement.level };
}

/** `..layers` as it is written. */
export const moduleText = ({ module, level }: ModuleName): string => `${".".repeat(level)}${module}`;

/** `..layers.Block`: a name inside a module, as a path of dots. */
export function memberText(name: ModuleName, member: string): string {
  const path = moduleText(name);
  return path === "" || path.endsWith(".") ? `${path}${member}` : `${path}.${member}`;
}
