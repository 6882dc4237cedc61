/** `normlens` on the command line, as a process; and each thread that lints files for it. */
import { runCommandLine } from "./cli/commandLine";
import { lintThreadPort, serveLint } from "./cli/lint/lintThread";

/** Who read our output has enough: `normlens lint | head`. What the command is told to do besides is done. */
function endQuietlyWithReader(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const port = lintThreadPort();
if (port === null) {
  endQuietlyWithReader(process.stdout);
  endQuietlyWithReader(process.stderr);
  void runCommandLine(process.argv.slice(2));
} else serveLint(port);
