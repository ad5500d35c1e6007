import { writeFileSync } from "node:fs";

const totals = { passed: 0, failed: 0 };

/** Counts the tests of all specs into the file that AS_PECT_TOTALS names; as-pect's own reporter prints them. */
export default {
  onEnter() {},
  onExit() {},
  onFinish(spec) {
    totals.passed += spec.testPassCount;
    totals.failed += spec.testCount - spec.testPassCount;
    // A spec that stops before its first test has an error and no test.
    if (!spec.pass && spec.testCount === spec.testPassCount) totals.failed++;
    if (process.env.AS_PECT_TOTALS) writeFileSync(process.env.AS_PECT_TOTALS, JSON.stringify(totals));
  },
};
