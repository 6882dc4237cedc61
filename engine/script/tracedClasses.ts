/** Classes of the project: their members, bases and instances. */
import type { ClassStatement } from "../python/statements";
import { dottedName } from "../python/walk";
import type { Tracing } from "./tracing";
import {
  constant,
  external,
  type Args,
  type TracedClass,
  type TracedFunction,
  type ObjectValue,
  type TracedScope,
  type Site,
  type TracedValue,
} from "./tracedValues";

export function classFrom(tracing: Tracing, node: ClassStatement, scope: TracedScope): TracedClass {
  const bases = node.arguments
    .filter(({ kind }) => kind === "positional")
    .map(({ value }) => tracing.evaluate(value, scope));
  const members = new Map<string, TracedValue>();
  const cls: TracedClass = { kind: "class", node, scope, bases, members };
  const body: TracedScope = { vars: members, parent: scope, file: scope.file, outer: new Set() };
  for (const statement of node.body) {
    if (statement.kind === "function")
      members.set(statement.name, { kind: "function", node: statement, scope, owner: cls, self: null });
    else if (statement.kind === "assign" || statement.kind === "annotated") tracing.execute([statement], body);
  }
  return cls;
}

/** The first class that has the member, in the order of the text. */
export function memberOf(cls: TracedClass, name: string, depth = 0): TracedValue | null {
  const own = cls.members.get(name);
  if (own !== undefined || depth > 10) return own ?? null;
  for (const base of cls.bases) {
    const inherited = base.kind === "class" ? memberOf(base, name, depth + 1) : null;
    if (inherited !== null) return inherited;
  }
  return null;
}

/** Paths of the bases that are not classes of the project. */
export function foreignBases(cls: TracedClass, depth = 0): string[] {
  if (depth > 10) return [];
  return cls.bases.flatMap((base) =>
    base.kind === "class" ? foreignBases(base, depth + 1) : base.kind === "external" ? [base.path] : ["?"],
  );
}

const MODULE_BASE = /^torch\.nn\.|(^|\.)(LightningModule|PyTorchModelHubMixin)$/;

export function isModuleClass(cls: TracedClass): boolean {
  return (
    foreignBases(cls).some((path) => MODULE_BASE.test(path)) ||
    (foreignBases(cls).some((path) => path !== "object") && memberOf(cls, "forward") !== null)
  );
}

/** Frameworks that set the modes around the hooks they call. */
export function isManaged(cls: TracedClass): boolean {
  return foreignBases(cls).some((path) =>
    /lightning|LightningModule|fastai|keras|skorch|catalyst|MMDet|mmengine|mmcv/i.test(path),
  );
}

export function instantiate(tracing: Tracing, cls: TracedClass, args: Args, site: Site): ObjectValue {
  const isModule = isModuleClass(cls);
  const object = tracing.object(cls.node.name, args, site, { cls, isModule });
  const paths = foreignBases(cls);
  if (isManaged(cls)) tracing.store.set(object.fields, "#managed", constant(true));
  // What an unreadable base class makes in its constructor is unknown; a base of a family has its BN.
  const [foreign] = paths.filter(
    (path) => !/^(torch\.nn\.(Module|modules\.module\.Module)|object|abc\.ABC|Generic)$/.test(path),
  );
  if (isModule && foreign !== undefined)
    tracing.store.set(object.fields, "#base", tracing.call(external(foreign), args, site));
  const init = memberOf(cls, "__init__");
  if (init?.kind === "function") tracing.callFunction({ ...init, self: object }, args, site);
  return object;
}

/** A member as an instance sees it. */
export function bound(member: TracedFunction, self: ObjectValue): TracedFunction {
  const names = decoratorsOf(member);
  if (names.includes("staticmethod")) return member;
  return { ...member, self: names.includes("classmethod") ? (self.cls ?? self) : self };
}

export function decoratorsOf({ node }: TracedFunction): string[] {
  return node.kind === "function"
    ? node.decorators.map((decorator) => dottedName(decorator.kind === "call" ? decorator.callee : decorator) ?? "")
    : [];
}
