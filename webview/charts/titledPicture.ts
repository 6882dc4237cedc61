/** The picture of a chart that is taken away: on the theme's background, under its title. */
import type { Theme } from "../theme";

const TITLE_HEIGHT = 28;

export function titledPicture(chart: HTMLCanvasElement, title: string, theme: Theme): HTMLCanvasElement {
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
  return picture;
}
