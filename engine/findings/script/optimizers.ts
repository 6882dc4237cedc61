import { withDescendants } from "../../script/norms";
import type { ObjectValue } from "../../script/tracedValues";
import { partsInside } from "../../script/weights";
import type { ScriptContext } from "./scriptContext";

/** Whether an optimizer may step the network: not when all of them have their parameters from others. */
export function isStepped({ trace }: ScriptContext, module: ObjectValue): boolean {
  const owned = trace.objects
    .filter(({ type }) => type.startsWith("torch.optim.") && !type.includes("lr_scheduler") && !type.includes("swa"))
    .map(({ args }) => args.positional.slice(0, 1).flatMap((value) => partsInside(value).map(({ of }) => of)));
  if (owned.length === 0 || owned.some((owners) => owners.length === 0)) return true;
  const own = withDescendants(module);
  return owned.flat().some((owner) => own.has(owner) || withDescendants(owner).has(module));
}
