/** Of `largeModel.mjs`, which a script that runs before anything is built needs too. */
export const LAYERS: number;
export const MODEL: string;
export const MIDDLE: number;
export const MIDDLE_LINE: number;
export const TYPED: string;
