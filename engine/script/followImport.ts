/** Imports: names of libraries are paths, names of the workspace are looked up when they are needed. */
import type { ImportFromStatement, ImportStatement } from "../python/statements";
import type { Tracing } from "./tracing";
import { external, type TracedScope, type TracedValue } from "./tracedValues";

/** Libraries whose files are never looked for. */
const LIBRARIES =
  /^(torch|torchvision|numpy|np|os|sys|argparse|tqdm|PIL|cv2|matplotlib|sklearn|scipy|pandas|copy|time|random|math|json|functools|itertools|collections|typing|logging|tensorboardX|wandb|timm|transformers|pathlib|contextlib|apex)(\.|$)/;

export function importStatement(
  tracing: Tracing,
  statement: ImportStatement | ImportFromStatement,
  scope: TracedScope,
): void {
  if (statement.kind === "import") {
    for (const { name, alias } of statement.names) {
      const [first = name] = name.split(".");
      const module = alias === null ? first : name;
      tracing.store.set(scope.vars, alias ?? first, moduleValue(scope, module, 0));
    }
    return;
  }
  const { module, level } = statement;
  if (statement.names === null) {
    const stars = scope.vars.get("#stars");
    const value: TracedValue = { kind: "imported", from: scope.file, module, level, name: null };
    tracing.store.set(
      scope.vars,
      "#stars",
      stars === undefined
        ? value
        : { kind: "union", options: [...(stars.kind === "union" ? stars.options : [stars]), value] },
    );
    return;
  }
  for (const { name, alias } of statement.names) {
    const isLibrary = level === 0 && LIBRARIES.test(module);
    tracing.store.set(
      scope.vars,
      alias ?? name,
      isLibrary
        ? external(canonical(`${module}.${name}`))
        : { kind: "imported", from: scope.file, module, level, name },
    );
  }
}

function moduleValue(scope: TracedScope, module: string, level: number): TracedValue {
  return level === 0 && LIBRARIES.test(module)
    ? external(canonical(module))
    : { kind: "imported", from: scope.file, module, level, name: null };
}

/** Names under which the same thing is known. */
export function canonical(path: string): string {
  return path
    .replace(/^torch\.nn\.modules\.\w+\.(?=[A-Z])/, "torch.nn.")
    .replace(/^torchvision\.models\.\w+\.(?=\w)/, "torchvision.models.")
    .replace(/^torch\.nn\.parallel\.(distributed|data_parallel)\.(?=[A-Z])/, "torch.nn.parallel.")
    .replace(/^torch\.optim\.\w+\.(?=[A-Z])/, (match) =>
      match.includes("lr_scheduler") || match.includes("swa_utils") ? match : "torch.optim.",
    );
}
