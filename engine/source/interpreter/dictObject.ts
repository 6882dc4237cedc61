/** Objects that are dicts: instances of classes that derive from dict, and the attribute dicts of libraries. */
import { dictKey } from "./aboutValues";
import { dict, string } from "./newValues";
import type { DictEntryValue, DictValue, InstanceValue, Value } from "./values";

/** Classes whose instances are dicts. Those of libraries also have their keys as attributes. */
const DICTS = new Set(["builtins.dict", "collections.OrderedDict", "collections.UserDict", "collections.defaultdict"]);
const ATTRIBUTE_DICTS = new Set([
  "easydict.EasyDict",
  "addict.Dict",
  "munch.Munch",
  "box.Box",
  "ml_collections.ConfigDict",
  "yacs.config.CfgNode",
]);

export const isDictPath = (path: string): boolean => DICTS.has(path) || ATTRIBUTE_DICTS.has(path);
export const isAttributeDict = (path: string): boolean => ATTRIBUTE_DICTS.has(path);

const CONTENT = "\0dict";
/** Set where the keys are attributes too: `self.__dict__ = self`. */
const ALIASED = "\0aliased";

/** Makes an instance a dict; null where none of its classes is one. */
export function becomeDict(instance: InstanceValue): DictValue | null {
  const mro = instance.cls.kind === "class" ? instance.cls.mro : [instance.cls];
  const paths = mro.flatMap((entry) => (entry.kind === "library" ? [entry.path] : []));
  if (instance.module !== null || !paths.some(isDictPath)) return null;
  const content = dict();
  instance.attributes.set(CONTENT, content);
  if (paths.some(isAttributeDict)) instance.attributes.set(ALIASED, content);
  return content;
}

/** What an object keeps as a dict; null for any other value. */
export function dictOf(value: Value): DictValue | null {
  if (value.kind === "dict") return value;
  const content = value.kind === "instance" ? value.attributes.get(CONTENT) : undefined;
  return content?.kind === "dict" ? content : null;
}

/** The dict whose keys are the object's attributes; null where attributes are apart from it. */
export function aliasOf({ attributes }: InstanceValue): DictValue | null {
  const content = attributes.get(ALIASED);
  return content?.kind === "dict" ? content : null;
}

export const ALIAS = ALIASED;

export function aliasedAttribute(object: InstanceValue, name: string): Value | undefined {
  return aliasOf(object)?.entries.get(dictKey(string(name)) ?? "")?.value;
}

/** `object.__dict__`: what is written into it becomes an attribute. */
export class AttributeEntries extends Map<string, DictEntryValue> {
  constructor(
    attributes: ReadonlyMap<string, Value>,
    private readonly write: ((name: string, value: Value) => void) | null = null,
  ) {
    super();
    for (const [name, value] of attributes)
      if (!name.startsWith("\0")) super.set(`s:${name}`, { key: string(name), value });
  }

  override set(key: string, entry: DictEntryValue): this {
    if (entry.key.kind === "string") this.write?.(entry.key.value, entry.value);
    return super.set(key, entry);
  }
}
