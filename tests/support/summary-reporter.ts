import { writeFileSync } from "node:fs";
import type { FullResult, Reporter, Suite } from "@playwright/test/reporter";

/** Writes "N passed, N failed, N skipped" to the file that REPARAM_TEST_SUMMARY names, for CI to print last. */
export default class SummaryReporter implements Reporter {
  private suite: Suite | undefined;

  onBegin(_: unknown, suite: Suite): void {
    this.suite = suite;
  }

  onEnd(_: FullResult): void {
    const file = process.env.REPARAM_TEST_SUMMARY;
    if (!file || !this.suite) return;
    const outcomes = this.suite.allTests().map((test) => test.outcome());
    const count = (...kinds: string[]) => outcomes.filter((outcome) => kinds.includes(outcome)).length;
    writeFileSync(
      file,
      `${count("expected", "flaky")} passed, ${count("unexpected")} failed, ${count("skipped")} skipped\n`,
    );
  }
}
