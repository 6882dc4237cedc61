/** vscode-jsonrpc over a webview's messages, from the extension's side. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
  createMessageConnection,
} from "vscode-jsonrpc/node";
import type * as vscode from "vscode";

class WebviewReader extends AbstractMessageReader implements MessageReader {
  constructor(private readonly webview: vscode.Webview) {
    super();
  }

  listen(callback: DataCallback): Disposable {
    return this.webview.onDidReceiveMessage((message: Message) => callback(message));
  }
}

class WebviewWriter extends AbstractMessageWriter implements MessageWriter {
  constructor(private readonly webview: vscode.Webview) {
    super();
  }

  async write(message: Message): Promise<void> {
    // False means that the webview is hidden: it asks for a snapshot when it is shown again.
    await this.webview.postMessage(message);
  }

  end(): void {
    // A webview has no end of stream.
  }
}

export function connectWebview(webview: vscode.Webview): MessageConnection {
  return createMessageConnection(new WebviewReader(webview), new WebviewWriter(webview));
}
