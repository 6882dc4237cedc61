/**
 * Weight decay in one parameter group pulls γ and β of the normalization towards zero too (debated, so information).
 */
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { short } from "../../wording";
import { decayedNorm, type DecayedNorm } from "../parameterGroups";
import { grouped, nameAt, rangeAt, siteKey, type ScriptContext } from "../scriptContext";
import { type Args, type TracedValue } from "../../../script/tracedValues";
import type { TracedCall } from "../../../script/tracing";

const OPTIMIZER = /^torch\.optim\.([A-Z]\w*)$/;
/** Where the constructor takes it, and what it is when it is not given. */
const POSITIONS: Readonly<Record<string, { readonly position: number; readonly standard: number }>> = {
  SGD: { position: 4, standard: 0 },
  Adam: { position: 4, standard: 0 },
  AdamW: { position: 4, standard: 0.01 },
  RMSprop: { position: 4, standard: 0 },
  NAdam: { position: 4, standard: 0 },
  RAdam: { position: 4, standard: 0 },
  Adagrad: { position: 3, standard: 0 },
  Adadelta: { position: 4, standard: 0 },
};

export function weightDecayOnNorm(context: ScriptContext): SourceFinding[] {
  return grouped(
    context.trace.calls.filter(({ path }) => OPTIMIZER.test(path)),
    ({ place }) => siteKey(place.site),
  ).flatMap((visits) => {
    const decayed = visits.map(decayedBy);
    const [first] = decayed;
    const [call] = visits;
    return first === undefined || first === null || call === undefined || decayed.includes(null)
      ? []
      : describe(context, call, first);
  });
}

function decayedBy({ path, args, result }: TracedCall): DecayedNorm | null {
  const changed = result.kind === "object" ? result.fields.get("param_groups") : undefined;
  const parameters = changed ?? args.positional[0] ?? args.keyword.get("params");
  const decay = decayOf(OPTIMIZER.exec(path)?.[1] ?? "", args);
  return parameters === undefined ? null : decayedNorm(parameters, decay);
}

function decayOf(name: string, args: Args): TracedValue | number | null {
  const known = POSITIONS[name];
  const value = args.keyword.get("weight_decay") ?? (known === undefined ? undefined : args.positional[known.position]);
  return value ?? (args.isComplete ? (known?.standard ?? null) : null);
}

function describe(context: ScriptContext, { place }: TracedCall, found: DecayedNorm): SourceFinding[] {
  const range = rangeAt(context, place);
  if (range === null) return [];
  const { module, decay, isWhole, chosen } = found;
  const name = nameAt(context, module, place);
  if (chosen?.leavesNorms === true)
    return [
      findingOf({
        rule: "weight-decay-on-norm",
        severity: "warning",
        layers: [],
        expression: range,
        verdict: `Normalizations are to have no weight decay, but ${chosen.kept} of ${name} has it.`,
        evidence:
          `The parameters without it are chosen by their names, and a BN layer in an nn.Sequential has a number for ` +
          `a name. So weight_decay=${short(decay)} pulls this γ towards 0, and every other whose name does not match.`,
        next: "Use the class of the layer (isinstance) or the parameter's ndim to choose, not its name.",
      }),
    ];
  const group = isWhole
    ? `All parameters are in one group with weight_decay=${short(decay)}.`
    : `They are in a group with weight_decay=${short(decay)}.`;
  return [
    findingOf({
      rule: "weight-decay-on-norm",
      layers: [],
      expression: range,
      verdict: `Weight decay also pulls the γ and β of the BN layers of ${name} towards 0.`,
      evidence:
        `${group} Decay of a weight before BN ` +
        "only changes its effective learning rate; decay of γ changes the function. Many recipes exclude γ, " +
        "β and biases; the difference is usually small.",
      next: `Make 2 parameter groups: BN parameters and biases with weight_decay=0, the others with ${short(decay)}.`,
    }),
  ];
}
