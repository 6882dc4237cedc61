/**
 * All colours. A statistic has the same colour everywhere; runs have other colours. Everything that is not data uses
 * the theme's own variables. VS Code sets a class for the theme on the body, and changes it with the theme.
 */
export type ThemeKind = "light" | "dark" | "contrastDark" | "contrastLight";

export type RunColor = "runA" | "runB" | "runC" | "runD" | "runE" | "runOther";
export type DataColor = "batch" | "running" | "population" | "grid" | "axisText" | "blankCell" | RunColor;

interface Palette {
  readonly data: Readonly<Record<DataColor, string>>;
  /** From small to large deviations. */
  readonly offRamp: readonly string[];
  /** Smaller to larger, with "no difference" in the middle. */
  readonly signedRamp: readonly string[];
  /** Smaller to larger than others of the same run, with "the same" in the middle. */
  readonly relativeRamp: readonly string[];
}

export type RampName = "offRamp" | "signedRamp" | "relativeRamp";

export interface Theme extends Palette {
  readonly kind: ThemeKind;
  readonly foreground: string;
  readonly background: string;
  readonly accent: string;
  readonly fontFamily: string;
}

const light: Palette = {
  data: {
    batch: "#6A6A6A",
    running: "#B84A00",
    population: "#0063A6",
    runA: "#00755A",
    runB: "#9C3B86",
    runC: "#6A6E00",
    runD: "#6A48C8",
    runE: "#4A6076",
    runOther: "#8A8A8A",
    grid: "#ECECEC",
    axisText: "#616161",
    blankCell: "#F6F6F6",
  },
  offRamp: ["#FAF5EA", "#FDD391", "#EE8F2C", "#B64F0B", "#5C2200"],
  signedRamp: ["#4B1763", "#9A6BB2", "#DCC9E6", "#F6F6F6", "#C5E3C3", "#62A86B", "#0E4F24"],
  relativeRamp: ["#0B4A78", "#4A8DBD", "#BBDBF0", "#F6F6F6", "#FBD7A4", "#DB7E1F", "#7A3000"],
};

const dark: Palette = {
  data: {
    batch: "#A8A8A8",
    running: "#F5A623",
    population: "#56B4E9",
    runA: "#2EC4A0",
    runB: "#E08BC4",
    runC: "#C3C75F",
    runD: "#B79CFF",
    runE: "#A9BCCB",
    runOther: "#7F7F7F",
    grid: "#2C2C2C",
    axisText: "#9D9D9D",
    blankCell: "#272727",
  },
  offRamp: ["#28231D", "#5C3712", "#925411", "#DE8F2E", "#FFE6C0"],
  signedRamp: ["#EBD3F5", "#B58ACB", "#5E3F70", "#272727", "#2F5A38", "#6DB377", "#D2F2CD"],
  relativeRamp: ["#9CCBE8", "#4C88AE", "#2B4C60", "#2A2A2A", "#6B4A1C", "#C9822A", "#FFDFA8"],
};

const contrastDark: Palette = {
  data: {
    batch: "#FFFFFF",
    running: "#FFB000",
    population: "#6FC8FF",
    runA: "#3DE0B8",
    runB: "#FF9AD8",
    runC: "#E4E86A",
    runD: "#CFBCFF",
    runE: "#D5E2EC",
    runOther: "#BDBDBD",
    grid: "#3A3A3A",
    axisText: "#FFFFFF",
    blankCell: "#000000",
  },
  offRamp: ["#000000", "#5C3712", "#925411", "#DE8F2E", "#FFE6C0"],
  signedRamp: ["#EBD3F5", "#B58ACB", "#5E3F70", "#000000", "#2F5A38", "#6DB377", "#D2F2CD"],
  relativeRamp: ["#9CCBE8", "#4C88AE", "#2B4C60", "#000000", "#6B4A1C", "#C9822A", "#FFDFA8"],
};

const contrastLight: Palette = {
  ...light,
  data: { ...light.data, batch: "#3B3B3B", axisText: "#000000", grid: "#C8C8C8", blankCell: "#FFFFFF" },
};

const palettes: Readonly<Record<ThemeKind, Palette>> = { light, dark, contrastDark, contrastLight };

/** Reads only the class, which is set before the first script runs. */
export function themeKind(bodyClasses: DOMTokenList): ThemeKind {
  if (bodyClasses.contains("vscode-high-contrast-light")) return "contrastLight";
  if (bodyClasses.contains("vscode-high-contrast")) return "contrastDark";
  return bodyClasses.contains("vscode-light") ? "light" : "dark";
}

function readTheme(): Theme {
  const kind = themeKind(document.body.classList);
  const style = getComputedStyle(document.body);
  const variable = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  return {
    kind,
    ...palettes[kind],
    foreground: variable("--vscode-foreground", isLight(kind) ? "#1f1f1f" : "#cccccc"),
    background: variable("--vscode-editor-background", isLight(kind) ? "#ffffff" : "#1f1f1f"),
    accent: variable("--vscode-focusBorder", "#0078d4"),
    fontFamily: variable("--vscode-font-family", "system-ui, sans-serif"),
  };
}

/**
 * Calls back now and whenever the theme changes. There is no way to unsubscribe, because the panel exists as long as
 * its window.
 */
export function observeTheme(changed: (theme: Theme) => void): void {
  const publish = (): void => {
    const theme = readTheme();
    for (const [name, color] of Object.entries(theme.data)) document.body.style.setProperty(`--data-${name}`, color);
    changed(theme);
  };
  publish();
  const observer = new MutationObserver(publish);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  // A change between two dark themes changes only the variables and not the class.
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
}

const isLight = (kind: ThemeKind): boolean => kind === "light" || kind === "contrastLight";

/** A hex colour with an opacity, for canvases. */
export function withAlpha(hex: string, alpha: number): string {
  const [red, green, blue] = channelsOf(hex);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

export function channelsOf(hex: string): readonly [number, number, number] {
  const value = Number.parseInt(hex.slice(1, 7), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** A colour of a ramp; `position` runs from 0 to 1. */
export function rampColor(ramp: readonly string[], position: number): readonly [number, number, number] {
  const scaled = Math.max(0, Math.min(1, position)) * (ramp.length - 1);
  const index = Math.min(ramp.length - 2, Math.floor(scaled));
  const from = channelsOf(ramp[index] ?? "#000000");
  const to = channelsOf(ramp[index + 1] ?? "#000000");
  const share = scaled - index;
  const mix = (a: number, b: number): number => Math.round(a + (b - a) * share);
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}
