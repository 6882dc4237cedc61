/** Sentences and actions for what is wrong with a recorded run or its checkpoint. */
import type { Problem, ProblemText } from "./problemSchema";

type RunProblem = Extract<
  Problem,
  {
    code:
      | "told-by-producer"
      | "run-unreadable"
      | "source-unknown"
      | "source-missing"
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
        action: "Start the run again from the program that recorded it. Everything recorded so far is kept.",
      };
    case "run-unreadable":
      return {
        sentence: `${problem.path} can't be read as a run: ${problem.detail}.`,
        action: "Choose a folder that contains a run.jsonl.",
      };
    case "settings-unknown":
      return {
        sentence: `NormLens did not train ${problem.run}, so some of its settings are unknown.`,
        action: "Choose a run that NormLens trained.",
      };
    case "source-unknown":
      return {
        sentence: `${problem.run} does not say which file it trained.`,
        action: "Open the model file yourself. The numbers of the run are shown all the same.",
      };
    case "source-missing":
      return {
        sentence: `${problem.path} of ${problem.run} is not on this machine, and no other file can be meant.`,
        action: "Open the folder that contains the file.",
      };
    case "request-unanswered":
      return {
        sentence: `The run did not answer within ${problem.seconds} s, because one of its steps takes longer.`,
        action: "Wait until the step ends. The request takes effect then.",
      };
    case "checkpoint-missing":
      return {
        sentence: `Can't resume from ${problem.path}: it contains no checkpoint.`,
        action: "Choose a run that ended or was stopped, or train again and write checkpoints during the run.",
      };
    case "checkpoint-unusable":
      return {
        sentence: `Can't resume from ${problem.path}: ${problem.detail}.`,
        action: "Choose another checkpoint of the run, or train again.",
      };
    case "run-already-done":
      return {
        sentence: `Can't resume from ${problem.path}: all ${problem.steps} steps of the run are done.`,
        action: "Choose more steps or epochs.",
      };
    case "setting-invalid":
      return {
        sentence: `The setting ${problem.setting} can't be ${problem.value}.`,
        action: "Change the setting, or reset it to its default.",
      };
    case "no-running-statistics":
      return {
        sentence: `${problem.model} has no batch normalization, so it has no running statistics.`,
        action: "Choose a run of a model that has BN.",
      };
  }
}
