import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { compareVersions } from "../../scripts/envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { startReadySet } from "../manifests/ready-set.ts";
import { examine } from "./patient.ts";

const SETS = readdirSync("envoy").flatMap(name => (name.endsWith(".yaml") ? [name.replace(".yaml", "")] : []));

const NOTES: Readonly<Record<string, readonly string[]>> = {
  "request-auth": ["info tracer-missing", "info log-trace-id-missing"],
  "tenant-metrics": ["info tracer-missing", "info log-trace-id-missing"],
};

describeEnvoy("meshwright doctor", {}, envoy => {
  // Tags that read filter state are refused before 1.37.
  const accepted = compareVersions(envoy.version, "1.37.0") >= 0 ? SETS : ["without-tracer", "old-proxies"];
  it.each(accepted)("finds nothing in envoy/%s.yaml", async name => {
    const { proxy } = await startReadySet(envoy, name, { authz: await envoy.echo() });
    await proxy.request({});
    // Of a proxy for metrics or authentication alone it is only said that it traces nothing.
    const notes = NOTES[name] ?? [];
    expect((await examine(proxy)).map(({ id, severity }) => `${severity} ${id}`)).toEqual(notes);
  });
});
