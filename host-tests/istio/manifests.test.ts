import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifest } from "../manifests/command.ts";
import { temporaryFolder } from "../oci/matrix.ts";
import { validate } from "./checker.ts";
import { filters } from "./filters.ts";
import { complaints } from "./notices.ts";

const IMAGE = ["--image", "oci://registry.example:5000/filters/filter:1.0", "--digest", `sha256:${"5e".repeat(32)}`];
const REMOTE = ["--remote", "https://modules.example.com/filter.wasm"];
const ATTRIBUTES = {
  attributes: [
    { name: "user.id", header: "x-user-id" },
    { name: "app.version", env: "APP_VERSION" },
  ],
};

/** Configurations that change what is printed; the others run without. */
const CONFIGS: Readonly<Record<string, object>> = {
  "span-attributes": ATTRIBUTES,
  "mesh-telemetry": { span_attributes: ATTRIBUTES, trace_context: { parent_id: "renew", trust: "none" } },
  "trace-context": { parent_id: "renew", trust: "none", expose: ["trace_id", "span_id"] },
};

/** Each target with what the command can be told about it. */
const VARIANTS: readonly (readonly string[])[] = [
  ["--target", "istio", ...IMAGE],
  [
    "--target",
    "istio",
    ...REMOTE,
    "--mode",
    "SERVER",
    "--sampling",
    "12.5",
    "--access-log",
    "envoy",
    "--access-log-filter",
    "response.code >= 400",
  ],
  ["--target", "istio", ...IMAGE, "--istio-version", "1.28"],
  ["--target", "istio", ...IMAGE, "--selector", "app=shop", "--namespace", "shop", "--failure-policy", "reload", "--phase", "AUTHN"],
  ["--target", "istio", ...IMAGE, "--gateway", "edge", "--namespace", "edge", "--failure-policy", "closed", "--provider", "otel"],
  ["--target", "istio", ...IMAGE, "--phase", "UNSPECIFIED", "--name", "another-name", "--failure-policy", "open", "--no-tracer"],
  [
    "--target",
    "istio",
    ...IMAGE,
    "--tag",
    "cart.size",
    "--tag",
    "zone=env:ZONE",
    "--tag",
    "agent=header:user-agent",
    "--tag",
    "a=literal:b",
  ],
  ["--target", "istio", ...IMAGE, "--metric-tag", "tenant_id=x-tenant-id", "--metric-tag", "version=x-version"],
  ["--target", "traffic-extension", ...IMAGE],
  ["--target", "traffic-extension", ...REMOTE, "--selector", "app=shop", "--phase", "UNSPECIFIED", "--mode", "CLIENT"],
  ["--target", "traffic-extension", ...IMAGE, "--gateway", "edge", "--failure-policy", "reload", "--phase", "AUTHZ"],
  ["--target", "envoyfilter", ...IMAGE],
  ["--target", "envoyfilter", ...REMOTE],
  ["--target", "envoyfilter", ...REMOTE, "--istio-version", "1.28", "--selector", "app=shop", "--context", "SIDECAR_OUTBOUND"],
  ["--target", "envoyfilter", ...IMAGE, "--gateway", "edge", "--failure-policy", "reload", "--runtime", "wamr"],
  ["--target", "envoyfilter", ...REMOTE, "--cluster", "modules", "--failure-policy", "open", "--runtime", "wasmtime"],
];

const SKIPS: readonly (readonly string[])[] = [IMAGE, REMOTE].map(code => ["--target", "envoyfilter", "--skip-unsampled", ...code]);

/** What not every filter can be told. */
const OWN: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "span-attributes": SKIPS,
  "mesh-telemetry": SKIPS,
  "trace-context": [
    ["--target", "envoyfilter", "--behind-tracer", ...IMAGE],
    ["--target", "envoyfilter", "--behind-tracer", ...REMOTE, "--gateway", "edge", "--service", "shop.shop.svc.cluster.local"],
  ],
};

describe("schema, webhook, analyzers and istiod of Istio 1.31", () => {
  const folder = temporaryFolder();

  it.each(filters())(
    "accept without a warning what manifest prints for %s",
    async filter => {
      const files: string[] = [];
      for (const args of commands(filter)) {
        const { status, out, err } = await manifest(filter, ...args);
        expect({ args, status, err }).toEqual({ args, status: 0, err: "" });
        files.push(join(folder, `${filter}-${files.length}.yaml`));
        writeFileSync(files.at(-1) ?? "", out);
      }
      const verdicts = await validate(files);
      expect(verdicts.map(({ file, objects }) => ({ file, isEmpty: objects.length === 0 }))).toEqual(
        files.map(file => ({ file, isEmpty: false })),
      );
      expect(verdicts.flatMap(verdict => complaints(verdict))).toEqual([]);
    },
    // A process for each.
    240_000,
  );
});

function commands(filter: string): (readonly string[])[] {
  const config = CONFIGS[filter];
  const own = OWN[filter] ?? [];
  if (!config) return [...VARIANTS, ...own];
  return [...VARIANTS.slice(0, 1), ...own, ...VARIANTS.map(variant => [...variant, "--config", JSON.stringify(config)])];
}
