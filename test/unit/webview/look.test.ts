import assert from "node:assert/strict";
import type { Look } from "../../../webview/protocol";
import { LookSender, wantedLook } from "../../../webview/state/look";
import { firstSelection } from "../../../webview/state/panelModel";
import { inside, movedBy, zoomedAround } from "../../../webview/state/zooming";

describe("what a panel looks at", () => {
  const wanted = (zoom: readonly [number, number] | null, pixels = 730) =>
    wantedLook({ ...firstSelection, zoom }, [], pixels);

  it("is everything while it follows, and a little more than the zoom", () => {
    assert.equal(wanted(null).range, null);
    assert.deepEqual(wanted([400, 600]).range, [380, 620]);
    assert.deepEqual(wanted([3, 13]).range, [2, 14]);
    assert.deepEqual(wanted([0, 100]).range, [0, 110]);
  });

  it("is as fine as its pixels, in steps", () => {
    assert.equal(wanted(null).points, 800);
    assert.equal(wanted(null, 800).points, 800);
    assert.equal(wanted(null, 9000).points, 4096);
    assert.equal(wanted(null, 0).points, 100);
  });

  /** A clock that a test turns on, and what is sent by it. */
  function sender() {
    let now = 0;
    const sent: Look[] = [];
    const waits: { readonly at: number; readonly act: () => void }[] = [];
    const clock = {
      now: () => now,
      after: (milliseconds: number, act: () => void) => void waits.push({ at: now + milliseconds, act }),
    };
    const turn = (to: number): void => {
      now = to;
      for (const { act } of waits.splice(0).filter((wait) => wait.at <= now || !waits.push(wait))) act();
    };
    const looks = new LookSender(clock, (look) => sent.push(look));
    const pins = (): (number | null)[] => sent.map(({ pinnedStep }) => pinnedStep);
    return { looks, turn, pins, told: () => sent.map(({ id, range }) => [id, range]) };
  }

  it("of a pin that is dragged goes out when the last one was answered", () => {
    const { looks, pins } = sender();
    const pinned = (pinnedStep: number | null) => ({ ...wanted(null), pinnedStep });
    looks.want(pinned(null));
    for (const step of [1, 2, 3, 4]) looks.want(pinned(step));
    assert.deepEqual(pins(), [null, 1]);
    looks.answered(1);
    assert.deepEqual(pins(), [null, 1], "that was an older look");
    looks.answered(2);
    assert.deepEqual(pins(), [null, 1, 4], "the newest, and none in between");
    looks.want({ ...pinned(5), selectedLayer: "bn2" });
    assert.deepEqual(pins(), [null, 1, 4, 5], "another layer does not wait");
  });

  it("goes out when samples are shown, and not when they are shown no longer", () => {
    const { looks, told } = sender();
    looks.want(wanted(null));
    looks.want({ ...wanted(null), showsSamples: true });
    assert.equal(told().length, 2);
    looks.want(wanted(null));
    looks.want({ ...wanted(null), showsSamples: true });
    assert.equal(told().length, 2, "what was sent stays");
  });

  it("goes out at once, but for a zoom, which goes out when it stands still", () => {
    const { looks, turn, told } = sender();
    looks.want(wanted(null));
    looks.want(wanted(null));
    assert.deepEqual(told(), [[1, null]], "the same again is nothing new");
    turn(1000);
    looks.want(wanted([1, 500]));
    turn(1100);
    looks.want(wanted([1, 400]));
    turn(1130);
    assert.equal(told().length, 1, "it still moves");
    turn(1220);
    assert.deepEqual(told(), [
      [1, null],
      [2, [0, 440]],
    ]);
    looks.want({ ...wanted([1, 400]), selectedLayer: "bn2" });
    assert.equal(told().length, 3, "another layer is asked for at once");
    assert.equal(looks.current?.id, 3);
  });

  it("is not sent when a person comes back before it went out", () => {
    const { looks, turn, told } = sender();
    looks.want(wanted(null));
    looks.want(wanted([1, 500]));
    looks.want(wanted(null));
    turn(500);
    assert.equal(told().length, 1);
  });

  it("is not sent where everything it needs is there", () => {
    const sent: Look[] = [];
    const held = new Set<string>();
    const needs = [{ kind: "loss", columns: ["loss"], edges: ["last"], layers: "run" }] as const;
    const looks = new LookSender(
      { now: () => 0, after: () => undefined },
      (look) => sent.push(look),
      (look) => look.needs.filter((need) => !held.has(need.kind)),
    );
    looks.want({ ...wanted(null), needs });
    held.add("loss");
    looks.want({ ...wanted(null), needs: [...needs, ...needs] });
    assert.equal(sent.length, 1);
    looks.want({ ...wanted(null), needs, pinnedStep: 3 });
    assert.deepEqual([sent.length, sent[1]?.needs], [2, []], "a pinned step is judged anew");
    assert.deepEqual(looks.again({ ...wanted(null), needs }).needs, needs);
  });
});

describe("a zoom", () => {
  it("keeps the step under the pointer where it is", () => {
    assert.deepEqual(zoomedAround([0, 1000], 250, 0.5, 1000), [125, 625]);
    assert.equal(zoomedAround([125, 625], 250, 4, 1000), null);
  });

  it("is never empty and never outside", () => {
    for (const step of [0, 3, 500, 998, 1000]) {
      const zoomed = zoomedAround([0, 1000], step, 1e-9, 1000);
      assert.ok(zoomed && zoomed[0] >= 0 && zoomed[1] <= 1000 && zoomed[1] - zoomed[0] >= 4, JSON.stringify(zoomed));
    }
    assert.deepEqual(inside([-50, 100], 1000), [0, 100]);
    assert.equal(inside([-50, 2000], 1000), null);
  });

  it("keeps its length at the ends of the run", () => {
    assert.deepEqual(movedBy([100, 300], 5000, 1000), [800, 1000]);
    assert.deepEqual(movedBy([100, 300], -5000, 1000), [0, 200]);
  });
});
