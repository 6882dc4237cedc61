/**
 * What the recorder of a person's training can be asked for while it trains: a file in the run's folder is a request.
 * The recorder removes the one for a probe when it has seen it.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The recorder looks for it twice a second, after a step. */
const probeFile = (runFolder: string): string => join(runFolder, "request-probe");
/** It looks for this one with its sign of life, every five seconds. */
const stopFile = (runFolder: string): string => join(runFolder, "request-stop");

export const askForProbe = (runFolder: string): void => writeFileSync(probeFile(runFolder), "");

export const withdrawProbe = (runFolder: string): void => rmSync(probeFile(runFolder), { force: true });

export const askToStop = (runFolder: string): void => writeFileSync(stopFile(runFolder), "");
