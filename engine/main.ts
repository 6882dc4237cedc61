/**
 * The child process: one run over the fork's own channel. When the parent goes, the run is stopped and ends cleanly;
 * no training process remains when its parent has ended.
 */
import { join } from "node:path";
import { createMessageConnection } from "vscode-jsonrpc";
import { IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { RunServer } from "./training/runServer";
import { PRODUCER } from "./producer";

/** Time a run has to write its end after the parent has gone. */
const GRACE_MS = 5000;

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const server = new RunServer(connection, PRODUCER, join(__dirname, "kernelWorker.js"));
connection.listen();

process.on("disconnect", () => {
  server.stop();
  setTimeout(() => process.exit(0), GRACE_MS);
  void server.whenEnded().then(() => process.exit(0));
});
