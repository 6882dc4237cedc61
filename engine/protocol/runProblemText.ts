/** Sentences and actions for what is wrong with a recorded run or its checkpoint. */
import type { Problem, ProblemText } from "./problemSchema";

type RunProblem = Extract<
  Problem,
  {
    code:
      | "told-by-producer"
      | "run-unreadable"
      | "source-unknown"
      | "settings-unknown"
      | "request-unanswered"
      | "checkpoint-missing"
      | "checkpoint-unusable"
      | "run-already-done"
      | "no-running-statistics"
      | "setting-invalid";
  }
>;

export function describeRunProblem(problem: RunProblem): ProblemText {
  switch (problem.code) {
    case "told-by-producer":
      return {
        sentence: problem.sentence,
        action: "What was recorded is kept. Start the run again where it was started.",
      };
    case "run-unreadable":
      return {
        sentence: `${problem.path} is not a readable run: ${problem.detail}.`,
        action: "Choose a folder that holds a run.jsonl.",
      };
    case "settings-unknown":
      return {
        sentence: `${problem.run} was not trained by NormLens's engine, so its settings are not known in full.`,
        action: "Choose a run that NormLens trained.",
      };
    case "source-unknown":
      return {
        sentence: `${problem.run} does not say which file it trained.`,
        action: "Open that file yourself; the run's numbers are shown all the same.",
      };
    case "request-unanswered":
      return {
        sentence: `The run did not answer within ${problem.seconds} s: one of its steps takes longer.`,
        action: "Wait for the step to end; the request takes effect then.",
      };
    case "checkpoint-missing":
      return {
        sentence: `${problem.path} holds no checkpoint to go on from.`,
        action: "Choose a run that ended or was stopped, or train again with --checkpoint-every.",
      };
    case "checkpoint-unusable":
      return {
        sentence: `${problem.path} is no checkpoint to go on from: ${problem.detail}.`,
        action: "Choose another checkpoint of the run, or train again.",
      };
    case "run-already-done":
      return {
        sentence: `${problem.path} has all ${problem.steps} steps of the run behind it.`,
        action: "Ask for a longer run with --steps or --epochs.",
      };
    case "setting-invalid":
      return {
        sentence: `The setting ${problem.setting} is ${problem.value}, which it cannot be.`,
        action: "Change it, or reset it to its default.",
      };
    case "no-running-statistics":
      return {
        sentence: `${problem.model} has no batch normalization, so it has no running statistics.`,
        action: "Choose a run of a model with BN.",
      };
  }
}
