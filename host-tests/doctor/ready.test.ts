import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { compareVersions } from "../../scripts/envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { startReadySet } from "../manifests/ready-set.ts";
import { examine } from "./patient.ts";

const SETS = readdirSync("envoy").flatMap(name => (name.endsWith(".yaml") ? [name.replace(".yaml", "")] : []));

/** They do other work, and leave tracing to whoever puts them beside it. */
const UNTRACED: ReadonlySet<string> = new Set(["tenant-metrics", "request-auth"]);

describeEnvoy("meshwright doctor", {}, envoy => {
  // Tags that read filter state are refused before 1.37.
  const accepted = compareVersions(envoy.version, "1.37.0") >= 0 ? SETS : ["without-tracer", "old-proxies"];
  it.each(SETS.filter(name => UNTRACED.has(name)))("finds in envoy/%s.yaml that nothing traces, and nothing else", async name => {
    const { proxy } = await startReadySet(envoy, name, { authz: await envoy.echo() });
    await proxy.request({});
    expect((await examine(proxy)).map(({ id }) => id)).toEqual(["tracer-missing", "log-trace-id-missing"]);
  });

  it.each(accepted.filter(name => !UNTRACED.has(name)))("finds nothing in envoy/%s.yaml", async name => {
    const { proxy } = await startReadySet(envoy, name, { authz: await envoy.echo() });
    await proxy.request({});
    expect(await examine(proxy)).toEqual([]);
  });
});
