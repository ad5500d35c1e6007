import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { DEFAULT_ENVOY_VERSION } from "../../scripts/envoy/index.ts";
import { type EnvoySpec, envoyConfig, type Place, type RunningEnvoy } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { apply } from "./apply.ts";
import { type Around, BREAKAGES, type Breakage } from "./breakages.ts";
import { examine, healthy, idsOf, TELEMETRY } from "./patient.ts";

describeEnvoy("meshwright doctor", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  const around = async (): Promise<Around> => {
    const upstream = (await envoy.echo()).url;
    const otlp = (await envoy.receiver()).url;
    return { ...healthy(upstream, otlp), upstream, otlp };
  };

  /** As it is broken, with changes. */
  const start = async ({ edit, files }: Breakage, spec: EnvoySpec, changes: readonly string[] = []): Promise<RunningEnvoy> => {
    if (!edit && changes.length === 0) return envoy.start({ config: spec });
    const config = (place: Place): string => {
      const bootstrap = parse(envoyConfig(spec, place));
      const [listener] = bootstrap.static_resources.listeners;
      edit?.(listener, listener.filter_chains[0].filters[0].typed_config, place.folder);
      for (const change of changes) apply(bootstrap, change);
      return stringify(bootstrap, { aliasDuplicateObjects: false });
    };
    return envoy.start({ config, ...(files ? { files } : {}) });
  };

  it("finds nothing in an Envoy in which nothing is wrong", async () => {
    const proxy = await envoy.start({ config: (await around()).spec });
    await proxy.request("in", {});
    expect(await examine(proxy)).toEqual([]);
  });

  it.each([false, true])("looks behind the matcher that leaves a filter out; the filter discovered: %s", async discovered => {
    const { spec, listening } = await around();
    const skipping = { ...TELEMETRY, skipUnsampled: envoy.version, discovered };
    const proxy = await envoy.start({ config: listening({ filters: [skipping] }) });
    await proxy.request("in", {});
    expect(await examine(proxy)).toEqual([]);
    const untagged = { ...spec.tracing, otlp: spec.tracing?.otlp ?? "", customTags: {} };
    const broken = await envoy.start({ config: listening({ filters: [skipping] }, { tracing: untagged }) });
    await expect.poll(async () => idsOf(await examine(broken))).toEqual(["span-tag-missing"]);
  });

  it.each(BREAKAGES.map(breakage => ({ ...breakage, title: `${breakage.finds.join(", ")}${breakage.by ? ` by ${breakage.by}` : ""}` })))(
    "finds $title, and its change mends it",
    async breakage => {
      const all = await around();
      const { broken = ({ spec }) => spec } = breakage;
      const spec = await broken(all);
      const proxy = await start(breakage, spec);
      await breakage.act?.(proxy, all);
      await expect.poll(async () => idsOf(await examine(proxy))).toEqual(breakage.finds);
      const findings = await examine(proxy);
      if (breakage.says) expect(findings.map(({ found }) => found).join("\n")).toMatch(breakage.says);
      for (const { where, mend } of findings) expect([where.join(), mend]).not.toContain("");

      const changes = findings.filter(({ change }) => change !== "");
      if (changes.length === 0 || spec.dynamicListeners) return;
      const mended = await start(
        breakage,
        spec,
        changes.map(({ change }) => change),
      );
      await mended.request(mended.listeners[0] ?? "", {}).catch(() => {});
      expect(idsOf(await examine(mended)).filter(id => changes.some(each => each.id === id))).toEqual([]);
    },
  );
});
