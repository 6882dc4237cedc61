/** Who writes the runs of this engine, with the version from package.json (esbuild puts it into the bundles). */
import { version } from "../package.json";

export const VERSION = version;
export const PRODUCER = `normlens-engine ${version}`;
