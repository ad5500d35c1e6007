import { exampleEnvoy, switchFile } from "./example-envoy.ts";
import { exampleIstio } from "./example-istio.ts";
import type { Build } from "./requests.ts";
import type { SetFile } from "./set-file.ts";

/** A service whose requests traffic-split divides and tenant-metrics counts. */
export interface Example {
  /** The folder in examples/. */
  readonly name: string;
  readonly service: string;
  readonly split: SplitConfig;
  readonly metrics: Record<string, unknown>;
  /** Of the spans and the access log, beside those that traffic-split sets: formats by name. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Paths on which the service says something about the answer, by response header. */
  readonly answers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The weights after a switch, under the name of its file; the weights above are those of the other name. */
  readonly after?: { readonly before: string; readonly name: string; readonly weights: Readonly<Record<string, number>> };
}

export interface SplitConfig {
  readonly variants: readonly { readonly name: string; readonly weight?: number; readonly attributes?: Record<string, string> }[];
  readonly route_header?: string;
  readonly [key: string]: unknown;
}

const state = (name: string, attribute: string, ifNone = "none") => ({ name, state: `span.attributes.${attribute}`, default: ifNone });
const CODE = { name: "code", response: "code_class", default: "none" };
/** printf %s break-it-gently | sha256sum */
const TOKEN_SHA256 = "9d4f043d3dd6d2594559674380db9d6b73841beb866368b78c85ff1546205f94";

const EXAMPLES: readonly Example[] = [
  {
    name: "canary",
    service: "payment",
    split: {
      experiment: "payment",
      variants: [
        { name: "v1", weight: 90, attributes: { canary: "false" } },
        { name: "v2", weight: 10, attributes: { canary: "true" } },
      ],
      rules: [{ header: "user-type", equals: "beta", variant: "v2" }],
    },
    metrics: { prefix: "payment", labels: [state("variant", "variant"), state("canary", "canary", "false"), CODE] },
  },
  {
    name: "blue-green",
    service: "payment",
    split: {
      experiment: "payment",
      variants: [
        { name: "blue", weight: 1 },
        { name: "green", weight: 0 },
      ],
      rules: [{ header: "x-preview", equals: "green", variant: "green" }],
    },
    metrics: { prefix: "payment", labels: [state("variant", "variant"), CODE] },
    after: { before: "blue", name: "green", weights: { blue: 0, green: 1 } },
  },
  {
    name: "ab-test",
    service: "frontend",
    split: {
      experiment: "new-ui",
      variants: [
        { name: "v1-old-ui", weight: 50, attributes: { "ui.version": "v1-old-ui" } },
        { name: "v2-new-ui", weight: 50, attributes: { "ui.version": "v2-new-ui" } },
      ],
      route_header: "x-ui-version",
      sticky: [{ header: "x-user-id" }, { cookie: "session" }],
      cookie: { name: "ui", max_age_s: 2_592_000 },
    },
    metrics: {
      prefix: "frontend",
      labels: [state("ui_version", "ui.version"), { name: "conversion", response_header: "x-conversion", default: "false" }, CODE],
    },
    tags: { conversion: "%RESP(X-CONVERSION)%" },
    answers: { "/checkout": { "x-conversion": "true" } },
  },
  {
    name: "fault-injection",
    service: "payment",
    split: {
      experiment: "payment",
      variants: [{ name: "payment" }],
      fault: { header: "x-test-fault", token_header: "x-test-token", tokens_sha256: [TOKEN_SHA256], max_delay_ms: 3000 },
    },
    metrics: { prefix: "payment", labels: [state("fault", "fault.injected"), CODE] },
  },
];

/** envoy.yaml and istio.yaml of each; two files to switch between where an example switches. */
export function exampleFiles(build: Build): SetFile[] {
  return EXAMPLES.flatMap(example => {
    const { after, split } = example;
    const switched = after && { ...split, variants: split.variants.map(each => ({ ...each, weight: after.weights[each.name] ?? 0 })) };
    return [
      exampleEnvoy(build, example),
      exampleIstio(build, example),
      ...(after ? [switchFile(build, example, after.before, split)] : []),
      ...(after && switched ? [switchFile(build, example, after.name, switched)] : []),
    ];
  });
}
