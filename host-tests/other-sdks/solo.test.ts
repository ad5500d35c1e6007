import { buildSolo } from "./build.ts";
import { describeFilter } from "./scenarios.ts";

const solo = {
  sdk: "@solo-io/proxy-runtime",
  by: "solo",
  build: () => buildSolo(),
  line: (text: string) => text,
  notAsked: "not asked: 2",
};

describeFilter(solo, () => {});
