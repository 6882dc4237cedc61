/** `normlens` on the command line, as a process. */
import { runCommandLine } from "./cli/commandLine";

void runCommandLine(process.argv.slice(2));
