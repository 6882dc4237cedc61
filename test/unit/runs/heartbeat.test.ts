import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Heartbeat,
  HeartbeatWriter,
  LivenessWatch,
  liveness,
  promisedSeconds,
  readHeartbeat,
} from "../../../engine/runs/heartbeat";
import { heartbeatFile } from "../../../engine/runs/runFolder";

const NOW = Date.parse("2026-11-29T10:00:00Z");
const HOUR = 3_600_000;
const beatAt = (beat: number, atMs: number | null): Heartbeat => ({
  beat,
  everySeconds: 5,
  step: 1,
  at: atMs === null ? null : new Date(atMs).toISOString(),
});

describe("a sign of life", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "normlens-beat-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const put = (heartbeat: Heartbeat): void => writeFileSync(heartbeatFile(folder), JSON.stringify(heartbeat));

  it("is a hint on the first look", () => {
    assert.equal(liveness(null, null, NOW), "silent");
    assert.equal(liveness(beatAt(1, NOW - 14_000), null, NOW), "alive");
    assert.equal(liveness(beatAt(1, NOW - 16_000), null, NOW), "unsure");
    assert.equal(liveness(beatAt(1, NOW - 25 * HOUR), null, NOW), "silent");
    for (const at of [NOW + HOUR, null]) assert.equal(liveness(beatAt(1, at), null, NOW), "unsure");
    assert.equal(liveness({ ...beatAt(1, null), at: "yesterday" }, null, NOW), "unsure");
  });

  it(
    "shows in a beat that grows, by the watcher's clock alone: an hour off either way, a day, or " + "without a clock",
    () => {
      for (const offset of [-25 * HOUR, -HOUR, 0, HOUR, 25 * HOUR]) {
        const watch = new LivenessWatch(folder);
        for (let second = 0; second <= 60; second += 5) {
          put(beatAt(1 + second / 5, NOW + offset + 1000 * second));
          const said = watch.look(NOW + 1000 * second);
          if (second > 0) assert.equal(said, "alive", `${offset} ${second}`);
        }
        assert.equal(watch.look(NOW + 74_000), "alive");
        assert.equal(watch.look(NOW + 75_000), "silent");
        put(beatAt(14, null));
        assert.equal(watch.look(NOW + 90_000), "alive");
      }
    },
  );

  it("that never grows is none, once somebody watched long enough", () => {
    for (const offset of [-HOUR, HOUR]) {
      const watch = new LivenessWatch(folder);
      put(beatAt(9, NOW + offset));
      assert.deepEqual(
        [0, 10, 14, 15, 100].map((second) => watch.look(NOW + 1000 * second)),
        ["unsure", "unsure", "unsure", "silent", "silent"],
      );
    }
  });

  it("that cannot be read at this moment is what it was", () => {
    const watch = new LivenessWatch(folder);
    assert.equal(watch.look(NOW), "silent");
    writeFileSync(heartbeatFile(folder), '{"be');
    assert.equal(watch.look(NOW), "unsure");
    put(beatAt(1, NOW));
    assert.equal(watch.look(NOW + 1000), "alive");
    writeFileSync(heartbeatFile(folder), "");
    assert.equal(watch.look(NOW + 2000), "alive");
    assert.equal(readHeartbeat(folder), null);
  });

  it("has a longer interval after a long busy time, and never a shorter one again", () => {
    assert.deepEqual(
      [2_000, 20_000, 3_000].map((silentMs) => promisedSeconds(5, silentMs)),
      [5, 25, 5],
    );
    assert.equal(promisedSeconds(25, 2_000), 25);
  });

  it("is given from the start, as long as the run lives", () => {
    const writer = new HeartbeatWriter(folder);
    writer.beat(3);
    assert.equal(readHeartbeat(folder)?.beat, 1);
    assert.equal(new LivenessWatch(folder).look(Date.now()), "alive");
    assert.match(readFileSync(heartbeatFile(folder), "utf8"), /^\{"beat":1,"everySeconds":5,"step":0,"at":"20/);
    writer.stop();
    assert.ok(!existsSync(heartbeatFile(folder)));
    new HeartbeatWriter(join(folder, "nowhere")).stop();
  });
});
