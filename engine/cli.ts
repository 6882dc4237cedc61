/** `normlens` on the command line, as a process; and each thread that lints files for it. */
import { runCommandLine } from "./cli/commandLine";
import { lintThreadPort, serveLint } from "./cli/lint/lintThread";

const port = lintThreadPort();
if (port === null) void runCommandLine(process.argv.slice(2));
else serveLint(port);
