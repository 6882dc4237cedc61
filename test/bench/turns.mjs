// For how long a Node process's thread serves nothing else, asked through its inspector.

const INSPECTOR = "http://127.0.0.1:9229/json/list";

/**
 * Begins to watch a process of Node 22 or newer.
 * @param {import('playwright-core').Page} page whose browser speaks with the inspector
 * @param {number} pid
 * @returns {Promise<() => Promise<number>>} the longest stretch since it was asked last, in milliseconds
 */
export async function watchTurns(page, pid) {
  // Node opens its inspector after this signal.
  process.kill(pid, "SIGUSR1");
  const [target] = await listed();
  if (target === undefined) throw new Error("The extension host opened no inspector: nothing was measured.");
  const own = await page.context().newPage();
  await own.evaluate(connect, target.webSocketDebuggerUrl);
  await own.evaluate(
    ask,
    `globalThis.turns = process.getBuiltinModule("perf_hooks").monitorEventLoopDelay({ resolution: 1 }); turns.enable()`,
  );
  return () => own.evaluate(ask, "const longest = turns.max / 1e6; turns.reset(); longest");
}

/** @returns {Promise<{ webSocketDebuggerUrl: string }[]>} */
async function listed() {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(INSPECTOR);
      return /** @type {{ webSocketDebuggerUrl: string }[]} */ (await answer.json());
    } catch (error) {
      if (tries >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** In the page. @param {string} url */
async function connect(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no connection to ${url}`));
  });
  Object.assign(globalThis, { socket });
}

/** In the page: what an expression is in the process. @param {string} expression @returns {Promise<number>} */
async function ask(expression) {
  const socket = /** @type {WebSocket} */ (Reflect.get(globalThis, "socket"));
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)).result.result.value);
    const params = { expression: `{ ${expression} }`, includeCommandLineAPI: false };
    socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params }));
  });
}
