/** Who writes the runs of this engine, with the version from package.json. */
import { version } from "../package.json";

export const PRODUCER = `normlens-engine ${version}`;
