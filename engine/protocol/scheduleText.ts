/** A learning-rate schedule as people write it, on the command line and in settings. */
import * as v from "valibot";
import { type Schedule, scheduleSchema } from "./trainConfig";

export const SCHEDULE_WORDS = "constant, step:30 or step:30:0.1, cosine or cosine:0.001, one-cycle or one-cycle:0.3";

/** Undefined for a constant rate, null for what is no schedule. */
export function parseSchedule(text: string): Schedule | null | undefined {
  if (text === "constant") return undefined;
  const [kind, ...numbers] = text.split(":");
  const [first, second] = numbers.map((number) => (number.trim() === "" ? NaN : Number(number)));
  const asked = {
    step: { every: first, gamma: second ?? 0.1 },
    cosine: { lowest: first ?? 0 },
    "one-cycle": { rise: first ?? 0.3 },
  }[kind ?? ""];
  const parsed = v.safeParse(scheduleSchema, { kind, ...asked });
  return parsed.success && numbers.length <= (kind === "step" ? 2 : 1) ? parsed.output : null;
}
