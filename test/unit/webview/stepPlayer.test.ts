import { strict as assert } from "node:assert";
import { StepPlayer } from "../../../webview/state/stepPlayer";

function playing(last: number): { player: StepPlayer; pins: (number | null)[]; frame: () => void } {
  const pins: (number | null)[] = [];
  const waits: (() => void)[] = [];
  const player = new StepPlayer({
    after: (_, act) => void waits.push(act),
    pin: (step) => pins.push(step),
    lastStep: () => last,
  });
  return { player, pins, frame: () => waits.splice(0).forEach((act) => act()) };
}

describe("playing through a run", () => {
  it("goes from the start to the end in eighty pictures, and then follows again", () => {
    const { player, pins, frame } = playing(800);
    player.play(null);
    while (player.isPlaying) frame();
    assert.deepEqual([pins[0], pins[1], pins.at(-2), pins.at(-1), pins.length], [0, 10, 790, null, 81]);
  });

  it("begins where the step is pinned, but not at the end", () => {
    const { player, pins } = playing(800);
    player.play(400);
    player.play(800);
    assert.deepEqual(pins, [400, 0]);
  });

  it("shows every step of a short run", () => {
    const { player, pins, frame } = playing(3);
    player.play(null);
    while (player.isPlaying) frame();
    assert.deepEqual(pins, [0, 1, 2, null]);
  });

  it("stops at once, and what was to come then does not come", () => {
    const { player, pins, frame } = playing(800);
    player.play(null);
    player.stop();
    player.play(100);
    frame();
    assert.deepEqual([pins, player.isPlaying], [[0, 100, 110], true]);
    player.stop();
    frame();
    assert.deepEqual(pins, [0, 100, 110]);
  });
});
