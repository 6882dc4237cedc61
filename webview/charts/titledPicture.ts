/** The picture of a chart that is taken away: on the theme's background, under its title. */
import type uPlot from "uplot";
import type { Theme } from "../theme";
import { drawPin } from "./pinLine";
import type { StepFocus } from "./stepFocus";

const TITLE_HEIGHT = 28;

export function titledPicture(plot: uPlot, title: string, theme: Theme, focus: StepFocus): HTMLCanvasElement {
  const chart = plot.ctx.canvas;
  const ratio = window.devicePixelRatio || 1;
  const picture = document.createElement("canvas");
  picture.width = chart.width;
  picture.height = chart.height + TITLE_HEIGHT * ratio;
  const context = picture.getContext("2d");
  if (!context) return picture;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = theme.foreground;
  context.font = `600 ${12 * ratio}px ${theme.fontFamily}`;
  context.fillText(title, 8 * ratio, 19 * ratio);
  context.drawImage(chart, 0, TITLE_HEIGHT * ratio);
  drawPin(context, plot, focus, theme, TITLE_HEIGHT * ratio);
  return picture;
}
