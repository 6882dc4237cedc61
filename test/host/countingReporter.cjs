// Mocha's spec reporter that also writes its counts to the file named by NORMLENS_TEST_RESULTS, so that the runner
// does not have to believe an exit code. Written in one go at the end: a suite that dies leaves no file.
const fs = require("node:fs");
const path = require("node:path");
const Mocha = require("mocha");

const { EVENT_RUN_END } = Mocha.Runner.constants;

class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(EVENT_RUN_END, () => {
      const file = process.env["NORMLENS_TEST_RESULTS"];
      if (file) writeResults(file, this.stats, this.failures);
    });
  }
}

function writeResults(file, stats, failures) {
  const results = {
    passed: stats.passes,
    failed: stats.failures,
    skipped: stats.pending,
    durationMs: stats.duration,
    failures: failures.map((test) => ({ title: test.fullTitle(), message: String(test.err && test.err.message) })),
  };
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(results, null, 2));
}

module.exports = CountingReporter;
