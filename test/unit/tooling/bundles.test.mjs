// What may not be inside a bundle is found there.
import assert from "node:assert/strict";
import { checkBundles } from "../../../scripts/build.mjs";

const bundle = (/** @type {Record<string, string>} */ sources) => () => checkBundles((file) => sources[file] ?? "");

describe("bundle check", () => {
  it("accepts clean bundles", () =>
    assert.doesNotThrow(
      bundle({ "engine.js": 'require("fs")', "cli.js": 'require("node:path")', "webview.js": 'x.require("a")' }),
    ));
  it("finds vscode in the engine", () =>
    assert.throws(bundle({ "engine.js": 'var v=require("vscode");' }), /engine\.js/));
  it("finds vscode in the command line", () => assert.throws(bundle({ "cli.js": "require( 'vscode' )" }), /cli\.js/));
  it("finds a Node module in the webview", () =>
    assert.throws(bundle({ "webview.js": 'var f=require("fs");' }), /webview\.js/));
  it("finds an address, and a tag that hides the end of a script, in a report", () => {
    assert.throws(bundle({ "report.js": 'fetch("https://example.org/a")' }), /makes no request/);
    assert.throws(bundle({ "report.js": 'a="<!--<script>"' }), /end of the script/);
    assert.doesNotThrow(bundle({ "report.js": 'svg("http://www.w3.org/2000/svg")' }));
  });
});
