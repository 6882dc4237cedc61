/** vscode-jsonrpc over the webview's postMessage. Typed arrays arrive as they were sent, by structured clone. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  createMessageConnection,
} from "vscode-jsonrpc/browser";
import { type HostListener, type SendToHost, hostToPanel } from "./messages";
import { type HostToPanel, type PackedUpdate, type PanelState, unpackUpdate } from "./protocol";

interface VsCodeApi {
  postMessage(message: unknown): void;
  setState(state: PanelState): void;
  getState(): PanelState | undefined;
}

declare function acquireVsCodeApi(): VsCodeApi;

class WindowReader extends AbstractMessageReader {
  listen(callback: DataCallback): Disposable {
    const receive = ({ data }: MessageEvent<unknown>): void => {
      if (isMessage(data)) callback(data);
    };
    window.addEventListener("message", receive);
    return { dispose: () => window.removeEventListener("message", receive) };
  }
}

class HostWriter extends AbstractMessageWriter {
  constructor(private readonly api: VsCodeApi) {
    super();
  }

  write(message: Message): Promise<void> {
    this.api.postMessage(message);
    return Promise.resolve();
  }

  end(): void {
    // The window stays open: there is nothing to close.
  }
}

/** Other messages reach the window too (VS Code's own frame, browser extensions). */
const isMessage = (data: unknown): data is Message => typeof data === "object" && data !== null && "jsonrpc" in data;

export interface HostConnection {
  readonly send: SendToHost;
  readonly savedState: PanelState | undefined;
  saveState(state: PanelState): void;
}

export function connectToHost(listener: HostListener): HostConnection {
  const api = acquireVsCodeApi();
  const connection = createMessageConnection(new WindowReader(), new HostWriter(api));
  connection.onNotification(hostToPanel.snapshot, (update: PackedUpdate) => listener.snapshot(unpackUpdate(update)));
  connection.onNotification(hostToPanel.delta, (update: PackedUpdate) => listener.delta(unpackUpdate(update)));
  connection.onNotification(hostToPanel.show, (shown: HostToPanel["show"]) => listener.show(shown));
  connection.listen();
  return {
    send: (method, params) => void connection.sendNotification(method, params),
    savedState: api.getState(),
    saveState: (state) => api.setState(state),
  };
}
