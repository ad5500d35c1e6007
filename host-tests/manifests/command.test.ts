import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { manifest } from "./command.ts";
import { DIGEST } from "./fixtures.ts";

const IMAGE = ["--image", "oci://registry.example/filter:1.0"];
const ISTIO = ["span-attributes", "--target", "istio"];

describe("meshwright manifest", () => {
  it("prints YAML alone on standard output", async () => {
    const { status, out, err } = await manifest(
      ...ISTIO,
      ...IMAGE,
      "--digest",
      `sha256:${DIGEST}`,
      "--selector",
      "app=shop",
      "--selector",
      "v=1",
    );
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const [plugin] = out.split("---\n").map(text => parse(text));
    expect(plugin.spec).toMatchObject({ sha256: DIGEST, selector: { matchLabels: { app: "shop", v: "1" } } });
  });

  it("takes a module by its file, its name out of it, and its sha256 for a remote", async () => {
    const { out, err } = await manifest("build/trace-context.wasm", "--target", "envoyfilter", "--remote", "http://modules.example/x.wasm");
    expect(err).toBe("");
    const { sha256 } = JSON.parse(readFileSync("build/trace-context.meta.json", "utf8"));
    const plugin = parse(out).spec.configPatches[1].patch.value.typed_config.config;
    expect(plugin).toMatchObject({ root_id: "trace-context", vm_config: { code: { remote: { sha256 } } } });
  });

  it("warns of an image without a digest, and of a remote that is another module", async () => {
    expect(await manifest(...ISTIO, ...IMAGE)).toMatchObject({ status: 0, err: expect.stringContaining("without --digest") });
    const remote = ["--remote", "http://modules.example/x.wasm", "--sha256", DIGEST];
    expect(await manifest(...ISTIO, ...remote)).toMatchObject({
      status: 0,
      err: expect.stringContaining("--sha256 is not that of the module"),
    });
  });

  it("lets requests pass when a filter that only observes crashes, and stops them when another one does", async () => {
    const policy = async (...args: string[]) =>
      parse((await manifest(...args, ...IMAGE, "--target", "istio")).out.split("---\n")[0] ?? "").spec.failStrategy;
    expect(await policy("span-attributes")).toBe("FAIL_OPEN");
    expect(await policy("span-attributes", "--failure-policy", "closed")).toBe("FAIL_CLOSE");
    const folder = mkdtempSync(join(tmpdir(), "meshwright-manifest-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const guard = join(folder, "guard.wasm");
    // A module that says nothing of itself goes by its file's name.
    writeFileSync(guard, Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    expect(await policy(guard)).toBe("FAIL_CLOSE");
  });

  it("makes access logs in both forms, and in Istio names the provider that the Helm values have for the form", async () => {
    const filter = ["mesh-telemetry", "--config", '{"span_attributes": {"attributes": [{"name": "user.id", "header": "x-user-id"}]}}'];
    const values = parse((await manifest(...filter, "--target", "helm-values", "--collector", "otel.example.com:4317")).out);
    const providers = values.meshConfig.extensionProviders;
    const kinds = providers.map((each: { name: string }) => [each.name, Object.keys(each)[1]]);
    expect(kinds).toEqual([
      ["opentelemetry", "opentelemetry"],
      ["mesh-telemetry-log", "envoyFileAccessLog"],
      ["mesh-telemetry-otlp-log", "envoyOtelAls"],
    ]);
    const state = "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%";
    expect(providers[1].envoyFileAccessLog.logFormat.labels).toMatchObject({ "user.id": state, trace_id: "%TRACE_ID%" });
    expect(providers[2].envoyOtelAls).toMatchObject({
      service: "otel.example.com",
      port: 4317,
      logFormat: { labels: { "user.id": state } },
    });
    for (const [form, name] of [
      ["json", "mesh-telemetry-log"],
      ["otlp", "mesh-telemetry-otlp-log"],
      ["envoy", "envoy"],
    ] as const) {
      const [, telemetry = ""] = (await manifest(...filter, ...IMAGE, "--target", "istio", "--access-log", form)).out.split("---\n");
      expect(parse(telemetry).spec.accessLogging).toEqual([{ providers: [{ name }] }]);
    }
  });

  it.each([
    [["--target", "envoy", "--access-log", "stdout"], "expected json or otlp"],
    [["--target", "envoy", "--collector", "http://otel:4318"], "Give HOST:PORT"],
    [["--target", "istio", ...IMAGE, "--access-log-filter", "response.code >= 400"], "--access-log-filter goes with --access-log"],
    [["--target", "helm-values", "--access-log-filter", "response.code >= 400"], "--access-log-filter is not for helm-values"],
    [["--target", "istio", ...IMAGE, "--context", "GATEWAY"], "--context is for --target envoyfilter"],
    [["--target", "envoyfilter", ...IMAGE, "--mode", "SERVER"], "an EnvoyFilter has --context"],
    [["--target", "istio", ...IMAGE, "--gateway", "Shop_"], "Give small letters, digits and hyphens"],
    ...["app", "=shop", "app=a=b", "a b=c", "app=-a", "a/b/c=d", "Example.com/app=shop"].map(
      label => [["--target", "istio", ...IMAGE, "--selector", label], "Give "] as [string[], string],
    ),
    [["--target", "istio", ...IMAGE, "--collector", "otel:4318"], "--collector and --service-name are for targets envoy and helm-values"],
  ])("refuses %j", async (args, reason) => {
    expect(await manifest("span-attributes", ...args)).toMatchObject({ status: 2, out: "", err: expect.stringContaining(reason) });
  });

  it("takes tags, sampling, metric labels and providers from the command line", async () => {
    const tags = ["--tag", "plan", "--tag", "zone=literal:eu", "--tag", "who=header:X-Who", "--tag", "pod=env:POD_NAME"];
    const others = [
      "--sampling",
      "0.5",
      "--access-log",
      "log",
      "--metric-tag",
      "tenant_id=X-Tenant-Id",
      "--mode",
      "CLIENT",
      "--provider",
      "otel",
    ];
    const { status, out } = await manifest("trace-context", "--target", "istio", ...IMAGE, ...tags, ...others);
    expect(status).toBe(0);
    const [plugin, telemetry] = out.split("---\n").map(text => parse(text));
    expect(plugin.spec.match).toEqual([{ mode: "CLIENT" }]);
    expect(telemetry.spec.tracing[0]).toMatchObject({
      providers: [{ name: "otel" }],
      randomSamplingPercentage: 0.5,
      customTags: {
        plan: { formatter: {} },
        zone: { literal: { value: "eu" } },
        who: { header: { name: "x-who" } },
        pod: { environment: { name: "POD_NAME" } },
      },
    });
    expect(telemetry.spec.accessLogging).toEqual([{ providers: [{ name: "log" }] }]);
    expect(telemetry.spec.metrics[0].overrides[0].tagOverrides.tenant_id.value).toContain("request.headers['x-tenant-id']");
  });

  it("names the labels of metrics where Istio and Envoy have to know them, from the filter's configuration", async () => {
    const labels = async (...config: string[]) => {
      const istio = (await manifest("tenant-metrics", "--target", "istio", ...IMAGE, ...config)).out;
      const { stats_config } = parse((await manifest("tenant-metrics", "--target", "envoy", ...config)).out);
      const named = /^# extraStatTags: \[(.*)\]$/m.exec(istio)?.[1]?.split(", ");
      expect(stats_config.stats_tags.map(({ tag_name }: { tag_name: string }) => tag_name)).toEqual(named);
      return named;
    };
    expect(await labels()).toEqual(["tenant", "code"]);
    const config = { labels: [{ name: "ui_version", header: "x-ui-version" }] };
    expect(await labels("--config", JSON.stringify(config))).toEqual(["ui_version"]);
    expect((await manifest("span-attributes", "--target", "envoy")).out).not.toContain("stats_config");
  });

  it("puts a filter that authenticates before all others, and closed", async () => {
    const config = ["--config", '{"decision": {"cluster": "outbound|80||authz.shop.svc.cluster.local"}}'];
    const spec = async (...args: string[]) =>
      parse((await manifest("request-auth", "--target", "istio", ...IMAGE, ...config, ...args)).out).spec;
    expect(await spec()).toMatchObject({ phase: "AUTHN", failStrategy: "FAIL_CLOSE" });
    expect(await spec("--phase", "AUTHZ")).toMatchObject({ phase: "AUTHZ" });
    expect(await spec("--priority", "-5")).toMatchObject({ priority: -5 });
  });

  it("exits with 1 and every problem of the configuration", async () => {
    const { status, out, err } = await manifest(...ISTIO, ...IMAGE, "--config", '{"to": ["span"], "max_length": 0}');
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err.split("\n")).toEqual([
      'manifest: span-attributes: to[0]: expected one of "filter_state", "request_header", "baggage", found "span"',
      "manifest: span-attributes: max_length: expected a whole number from 1 and up to 4096, found 0",
      "",
    ]);
  });

  it("exits with 1 for a file that is no module", async () => {
    const { status, err } = await manifest("package.json", "--target", "envoy");
    expect(status).toBe(1);
    expect(err).toMatch(/^manifest: .*package\.json is no WebAssembly module: .*; give a \.wasm file\n$/);
  });

  it.each([
    ["no target", ["span-attributes"]],
    ["an unknown filter", ["frobnicate", "--target", "istio"]],
    ["an image without a scheme", [...ISTIO, "--image", "registry.example:5000/filter:1.0"]],
    ["a digest that is none", [...ISTIO, ...IMAGE, "--digest", "sha256:12"]],
    ["two places", [...ISTIO, ...IMAGE, "--remote", "http://modules.example/x.wasm"]],
    ["labels and a Gateway", [...ISTIO, ...IMAGE, "--selector", "app=shop", "--gateway", "edge"]],
    ["a tag from nowhere", [...ISTIO, ...IMAGE, "--tag", "plan=cookie:plan"]],
    ["a tag with a name that no format can hold", [...ISTIO, ...IMAGE, "--tag", "a:b"]],
    ["more than all", [...ISTIO, ...IMAGE, "--sampling", "101"]],
    ["an image for plain Envoy", ["span-attributes", "--target", "envoy", ...IMAGE]],
    ["an engine that Istio does not offer", [...ISTIO, ...IMAGE, "--runtime", "wamr"]],
  ])("exits with 2 for %s", async (_, args) => {
    const { status, out, err } = await manifest(...args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).not.toContain("    at ");
  });
});
