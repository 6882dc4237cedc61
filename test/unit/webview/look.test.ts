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

  it("goes out at once, then not more often than every now and then, and the newest last", () => {
    let now = 0;
    const sent: Look[] = [];
    const waits: (() => void)[] = [];
    const clock = { now: () => now, after: (_ms: number, act: () => void) => void waits.push(act) };
    const looks = new LookSender(clock, (look) => sent.push(look));
    looks.want(wanted(null));
    looks.want(wanted(null));
    assert.deepEqual(
      sent.map(({ id }) => id),
      [1],
    );
    now = 10;
    looks.want(wanted([1, 500]));
    looks.want(wanted([1, 400]));
    assert.equal(sent.length, 1);
    now = 130;
    waits.splice(0).forEach((act) => act());
    assert.deepEqual(
      sent.map(({ id, range }) => [id, range]),
      [
        [1, null],
        [2, [0, 440]],
      ],
    );
    now = 1000;
    looks.want(wanted([1, 400]));
    assert.equal(sent.length, 2, "the same again is nothing new");
    assert.equal(looks.current?.id, 2);
  });

  it("is not sent when a person comes back before it went out", () => {
    let now = 0;
    const sent: Look[] = [];
    const waits: (() => void)[] = [];
    const looks = new LookSender({ now: () => now, after: (_ms, act) => void waits.push(act) }, (look) =>
      sent.push(look),
    );
    looks.want(wanted(null));
    looks.want(wanted([1, 500]));
    looks.want(wanted(null));
    now = 500;
    waits.forEach((act) => act());
    assert.equal(sent.length, 1);
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
