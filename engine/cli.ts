/** `normlens` on the command line, as a process. */
import { runCommandLine } from "./cli/program";

void runCommandLine(process.argv.slice(2));
