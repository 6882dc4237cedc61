import * as assert from "node:assert/strict";
import { join } from "node:path";
import { Random } from "../../../../engine/nn/random";
import { chooseKernels } from "../../../../engine/training/chooseKernels";
import { TrainingSession } from "../../../../engine/training/session";
import { ThreadTeam } from "../../../../engine/training/threads/threadTeam";
import { digitsMlp } from "../../support/graphs";

const helperFile = join(process.cwd(), "dist", "kernelWorker.js");
const BATCH = 256;
const STEPS = 12;

async function whenReady(team: ThreadTeam, threads: number): Promise<void> {
  while (team.size < threads) await new Promise((resolve) => setTimeout(resolve, 5));
}

function trainer(team?: ThreadTeam): { session: TrainingSession; train: () => Buffer } {
  const graph = digitsMlp();
  const session = new TrainingSession({
    graph,
    batchSize: BATCH,
    optimizer: "adam",
    seed: 2,
    kernels: chooseKernels(),
    ...(team ? { team } : {}),
  });
  const train = (): Buffer => {
    const random = new Random(1, "samples");
    for (let step = 0; step < STEPS; step++) {
      const samples = Float32Array.from({ length: BATCH * session.network.input.channels }, () => random.normal());
      session.trainStep(
        { count: BATCH, samples, labels: Int32Array.from({ length: BATCH }, (_, index) => index % 10) },
        0.01,
      );
    }
    const { parameters, arena } = session;
    return Buffer.from(arena.floats(parameters.weightsBase, parameters.totalFloats).slice().buffer);
  };
  return { session, train };
}

describe("A team of threads", () => {
  const alone = trainer().train();

  for (const threads of [2, 3, 4]) {
    it(`${threads} threads leave the same bits as one`, async () => {
      const team = new ThreadTeam(threads, helperFile);
      const { train } = trainer(team);
      team.start();
      await whenReady(team, threads);
      assert.ok(train().equals(alone));
      assert.ok(team.divided > 0, "no call was divided");
      team.stop();
      assert.equal(team.size, 1);
    });
  }

  it("trains alone while helpers are starting, and where they cannot start", async () => {
    const team = new ThreadTeam(2, join(process.cwd(), "dist", "no such file.js"));
    const { train } = trainer(team);
    team.start();
    assert.ok(train().equals(alone));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(team.size, 1);
    assert.equal(team.refusal?.includes("no such file"), true);
    team.stop();
  });

  it("continues after a pause in which its helpers fell asleep", async () => {
    const team = new ThreadTeam(2, helperFile);
    const { train } = trainer(team);
    team.start();
    await whenReady(team, 2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(train().equals(alone));
    team.stop();
  });
});
