/** Classes of the project: their members, bases and instances. */
import { classesAfter, classOrder } from "../python/classOrder";
import type { ClassStatement } from "../python/statements";
import { dottedName } from "../python/walk";
import type { Tracing } from "./tracing";
import {
  external,
  type Args,
  type TracedClass,
  type TracedFunction,
  type ObjectValue,
  type TracedScope,
  type Site,
  type TracedValue,
} from "./tracedValues";
import { scopeInside } from "./tracedScope";

/** A class statement; what its bases are when they have no consistent order is unknown (Python raises a TypeError). */
export function classFrom(tracing: Tracing, node: ClassStatement, scope: TracedScope): TracedValue {
  const bases = node.arguments
    .filter(({ kind }) => kind === "positional")
    .map(({ value }) => tracing.evaluate(value, scope));
  const body = scopeInside(scope);
  const cls: TracedClass = { kind: "class", node, scope, order: [], members: body.vars };
  const order = classOrder<TracedValue>(cls, bases, {
    orderOf: (base) => (base.kind === "class" ? base.order : [base]),
    isSame: (a, b) => a === b || (a.kind === "external" && b.kind === "external" && a.path === b.path),
  });
  if (order === null) return tracing.fresh([node.name], bases);
  cls.order = order;
  for (const statement of node.body) {
    if (statement.kind === "function")
      tracing.store.set(body.vars, statement.name, {
        kind: "function",
        node: statement,
        scope,
        owner: cls,
        self: null,
      });
    else if (statement.kind === "assign" || statement.kind === "annotated") tracing.execute([statement], body);
  }
  return cls;
}

/** A member as the class has it, its own or the first one of its bases; null when none that can be read has it. */
export const memberOf = (cls: TracedClass, name: string): TracedValue | null => memberIn(cls.order, name);

/** What `super()` in a method of `owner` finds. */
export function memberAfter(cls: TracedClass, owner: TracedClass, name: string): TracedValue | null {
  return memberIn(classesAfter<TracedValue>(cls.order, owner), name);
}

function memberIn(order: readonly TracedValue[], name: string): TracedValue | null {
  for (const entry of order) {
    const member = entry.kind === "class" ? entry.members.get(name) : undefined;
    if (member !== undefined) return member;
  }
  return null;
}

/** Paths of the bases that are not classes of the project. */
export function foreignBases({ order }: TracedClass): string[] {
  return order.flatMap((base) => (base.kind === "class" ? [] : base.kind === "external" ? [base.path] : ["?"]));
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
  const facts = { isManaged: isManaged(cls) };
  const object = tracing.object(cls.node.name, args, site, { cls, isModule, facts });
  const paths = foreignBases(cls);
  // What an unreadable base class makes in its constructor is unknown.
  const [foreign] = paths.filter(
    (path) => !/^(torch\.nn\.(Module|modules\.module\.Module)|object|abc\.ABC|Generic)$/.test(path),
  );
  if (isModule && foreign !== undefined) tracing.call(external(foreign), args, site);
  const init = memberOf(cls, "__init__");
  if (init?.kind === "function") tracing.callFunction({ ...init, self: object }, args, site);
  else if (isModule) tracing.call({ kind: "method", self: object, name: "__init__" }, args, site);
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
