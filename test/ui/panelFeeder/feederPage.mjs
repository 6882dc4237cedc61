// The panel in a browser without VS Code, for the tests of a `describe`.
import { launchBrowser } from "../../host/browser.mjs";
import { answerGoldenRuns } from "./realRuns.mjs";
import { buildFeeder, serveFeeder } from "./server.mjs";

/** Opens it before the tests and closes it after them; what it gives is there once they run. */
export function feederPage() {
  /** @type {Awaited<ReturnType<typeof launchBrowser>> | undefined} */
  let browser;
  /** @type {Awaited<ReturnType<typeof serveFeeder>> | undefined} */
  let server;
  before(async () => {
    await buildFeeder();
    server = await serveFeeder();
    browser = await launchBrowser();
    await answerGoldenRuns(browser.page);
  });
  after(async () => {
    await browser?.browser.close();
    server?.close();
  });
  return () => {
    if (!browser || !server) throw new Error("the feeder is not open");
    return { page: browser.page, url: server.url };
  };
}
