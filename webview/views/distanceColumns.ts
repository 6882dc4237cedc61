/** The columns of Convergence's spine: how far running statistics are from population statistics. */
import { type LayerReading, isAbove } from "../../engine/protocol/judgement";
import { type Dot, Dumbbell } from "../marks/dumbbell";
import { distanceScale } from "../marks/scales";
import { type ShownReplay, chosenReplay } from "../state/shownReplay";
import { UNKNOWN, thousands, twoDigits } from "../ui/format";
import { always, logMarks, textColumn, whenWord } from "./columns";
import type { SpineColumn, ViewFrame } from "./viewSpec";

const replayOf = ({ run, model }: ViewFrame): ShownReplay | null =>
  chosenReplay(run.view, model.selection.replayedWeight);

/** From the first pass to now; beside it what another momentum would have made of it. */
export const distanceDumbbell: SpineColumn = {
  title: always(""),
  track: "minmax(60px, 1fr)",
  axis: logMarks,
  create: () => {
    const dumbbell = new Dumbbell(distanceScale);
    return {
      element: dumbbell.element,
      update: (reading, frame) => {
        dumbbell.element.classList.toggle("loud", isAbove(reading.distanceSeverity));
        dumbbell.update(dotsOf(reading, replayOf(frame)), reading.distanceFloor);
      },
    };
  },
};

const dotsOf = ({ id, firstDistance, distance }: LayerReading, replay: ShownReplay | null): Dot[] => [
  replay === null
    ? { value: firstDistance, className: "hollow" }
    : { value: replay.distanceOf(id), className: "dot-runA" },
  { value: distance, className: "filled" },
];

export const distanceWhen = textColumn({
  title: (frame) => `${whenWord(frame)}, σ`,
  track: "60px",
  text: ({ distance }) => twoDigits(distance),
});

export const updatesLeft = textColumn({
  title: (frame) => {
    const replay = replayOf(frame);
    return replay === null ? "updates left" : `at ${replay.momentumNow}, σ`;
  },
  track: "84px",
  text: ({ id, updatesLeft: left }, frame) => {
    const replay = replayOf(frame);
    if (replay !== null) return twoDigits(replay.distanceOf(id));
    return Number.isNaN(left) ? UNKNOWN : left === 0 ? "settled" : `${thousands(left)} more`;
  },
});
