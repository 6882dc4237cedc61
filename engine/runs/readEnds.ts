/** The first record and the last ones of a run, without reading what is between: what a list of runs needs. */
import type { AnyRecord, RecordOfType, RunRecord } from "../protocol/records";
import { ProblemError } from "../protocol/problems";
import { FileSource, type OpenBytes } from "./byteSource";
import { readHeartbeat } from "./heartbeat";
import { lastRecord } from "./lastRecord";
import { lastFrameStep } from "./numbers/numbersFormat";
import { parseRecord, parseRecord1, versionOf } from "./parseRecord";
import { numbersFile, recordsFile } from "./runFolder";
import { Version1Conversion } from "./version1/convert";

/** A run record lists every layer: a hundred thousand of them fit. */
const HEAD_BYTES = [1 << 16, 1 << 20, 1 << 26];
/** Holds the end and the last evaluation; a large model's last probes can be longer than the first of these. */
const TAIL_BYTES = [1 << 16, 1 << 20];
const NUMBERS_TAIL_BYTES = 1 << 16;

export interface RunEnds {
  readonly version: 1 | 2;
  readonly run: RunRecord;
  readonly end: RecordOfType<"end"> | null;
  readonly lastEval: RecordOfType<"eval"> | null;
  /** As far as a few bytes show it. */
  readonly lastStep: number;
}

/** Throws a ProblemError `run-unreadable` when there is no log or it does not begin with a run record. */
export function readRunEnds(runFolder: string): RunEnds {
  const path = recordsFile(runFolder);
  const source = new FileSource(path);
  return source.open((bytes) => {
    const text = bytes && firstLine(bytes);
    const first = versionOf(text ?? "");
    if (bytes === null || text === null || first.version === null) {
      const reason = first.version === null ? first.reason : "";
      throw new ProblemError({ code: "run-unreadable", path, detail: source.refusal ?? reason });
    }
    const { version } = first;
    const parse = version === 1 ? version1Parser() : parseThis;
    const [run] = parse(text);
    if (run?.type !== "run") throw new Error("a run record could be read once and not again");
    const tail = lastRecords(bytes, parse);
    const end = lastRecord(tail, "end");
    const steps = tail.map((record) => ("step" in record ? record.step : 0));
    const known =
      end?.step ?? (version === 1 ? lastStep1(bytes) : (readHeartbeat(runFolder)?.step ?? numbersStep(runFolder)));
    return { version, run, end, lastEval: lastRecord(tail, "eval"), lastStep: Math.max(0, known ?? 0, ...steps) };
  });
}

type Parser = (line: string) => AnyRecord[];

const parseThis: Parser = (line) => {
  const parsed = parseRecord(line);
  return parsed.kind === "record" ? [parsed.record] : [];
};

function version1Parser(): Parser {
  const conversion = new Version1Conversion();
  return (line) => {
    const parsed = parseRecord1(line);
    const record = parsed.kind === "record" ? conversion.take(parsed.record) : null;
    return record === null ? [] : [record];
  };
}

function firstLine(bytes: OpenBytes): string | null {
  for (const length of HEAD_BYTES) {
    const head = part(bytes, 0, Math.min(bytes.size, length));
    const end = head.indexOf(10);
    if (end >= 0) return head.toString("utf8", 0, end);
    if (length >= bytes.size) return null;
  }
  return null;
}

/** What the log's last part says, oldest first: as much as is needed to find an evaluation. */
function lastRecords(bytes: OpenBytes, parse: Parser): AnyRecord[] {
  let records: AnyRecord[] = [];
  for (const length of TAIL_BYTES) {
    records = tailLines(bytes, length).flatMap(parse);
    if (length >= bytes.size || lastRecord(records, "eval") !== null) break;
  }
  return records;
}

/** Whole lines at the end: the part begins in the middle of a line and may end in one. */
const tailLines = (bytes: OpenBytes, length: number): string[] =>
  part(bytes, Math.max(0, bytes.size - length), bytes.size)
    .toString("utf8")
    .split("\n")
    .slice(1, -1);

function lastStep1(bytes: OpenBytes): number | null {
  const steps = tailLines(bytes, TAIL_BYTES[0] ?? 0).flatMap((line) => {
    const parsed = parseRecord1(line);
    return parsed.kind === "record" && parsed.record.type === "step" ? [parsed.record.step] : [];
  });
  return steps.at(-1) ?? null;
}

const numbersStep = (runFolder: string): number | null =>
  new FileSource(numbersFile(runFolder)).open((bytes) =>
    bytes === null ? null : lastFrameStep(part(bytes, Math.max(0, bytes.size - NUMBERS_TAIL_BYTES), bytes.size)),
  );

function part(bytes: OpenBytes, from: number, to: number): Buffer {
  const target = Buffer.alloc(to - from);
  return target.subarray(0, bytes.read(target, from));
}
