import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readWasm } from "../../scripts/abi/index.ts";
import { setFiles } from "../../scripts/manifest-set/files.ts";
import { render } from "../../scripts/manifest-set/set-file.ts";
import { run } from "./command.ts";
import { published } from "./crds.ts";

type Json = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: manifests, into which the tests reach.
type Any = any;

const FILTERS = /^(WasmPlugin|TrafficExtension|EnvoyFilter)$/;
const ROUTES: ReadonlySet<string> = new Set(["VirtualService", "DestinationRule"]);
/** What a set has beside its filter, where that is not a Telemetry. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  "tenant-metrics": [],
  "traffic-split": ["DestinationRule", "Gateway", "Telemetry", "VirtualService"],
  "request-auth": ["DestinationRule", "ServiceEntry"],
};

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const WANTED = setFiles({
  version,
  edges: filter => readWasm(readFileSync(`build/${filter}.wasm`)),
  text: path => readFileSync(path, "utf8"),
});
const KUSTOMIZATIONS = yamlFiles("istio").filter(file => file.endsWith("kustomization.yaml"));

describe("istio/, envoy/, linkerd/ and the configurations of examples", () => {
  it.each(WANTED.map(file => [file.path, file] as const))(
    "%s is what scripts/manifest-set makes of build/; else: npm run manifests",
    (path, file) => {
      expect(readFileSync(path, "utf8")).toBe(render(file));
    },
  );

  it("have no YAML that nothing makes", () => {
    const made = new Set(WANTED.map(({ path }) => path));
    const files = ["istio", "envoy", "linkerd", "examples"].flatMap(yamlFiles);
    const stale = files.filter(path => !made.has(path) && readFileSync(path, "utf8").includes("Made by `npm run manifests`"));
    expect(stale).toEqual([]);
  });

  it("say in each file what it is, and in each that is applied what to change", () => {
    for (const { path, about } of WANTED) {
      expect(about.length, path).toBeGreaterThan(0);
      if (/kustomization|values|^envoy\/|^examples\//.test(path))
        expect(about.join("\n"), path).toMatch(/Istio 1\.|Envoy 1\.|Envoy before 1\.|Linkerd 2\./);
    }
  });
});

it.skipIf(!published)(
  "examples/*/istio.yaml, the sets of the pack, and what Envoy reads, have no error and no warning for meshwright validate",
  async () => {
    const pack = /^(examples|envoy|istio\/(request-auth|tenant-metrics|traffic-split))\//;
    const paths = WANTED.map(({ path }) => path).filter(path => pack.test(path) && !path.endsWith("kustomization.yaml"));
    expect(paths.length).toBeGreaterThan(15);
    const { status, out } = await run(["validate", ...paths]);
    expect({ status, out }).toEqual({ status: 0, out: "" });
  },
);

describe("the kustomizations", () => {
  it("are those of the base, its overlays, the other filters and the Collector", () => {
    const folders = KUSTOMIZATIONS.map(file => dirname(file).replace("istio/", "")).sort();
    const overlays = ["envoy-filter", "gateway", "old-proxies", "otlp-log", "sidecar", "skip-unsampled", "traffic-extension"].map(
      name => `overlays/${name}`,
    );
    expect(folders).toEqual([
      "base",
      "collector",
      ...overlays,
      "request-auth",
      "span-attributes",
      "tenant-metrics",
      "trace-context",
      "traffic-split",
    ]);
  });

  it.each(["request-auth", "tenant-metrics", "traffic-split"])("are what the README of %s shows below its heading Istio", name => {
    const section = readFileSync(`assembly/filters/${name}/README.md`, "utf8")
      .split(/^## /m)
      .find(part => part.startsWith("Istio\n"));
    const blocks = [...(section ?? "").matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = ""]) => text);
    const shown = blocks.flatMap(text => parseAllDocuments(text).map(each => each.toJS()));
    const made = [...build(`istio/${name}`), parse(readFileSync("istio/helm/values-tenant-metrics.yaml", "utf8"))];
    expect(shown.length).toBeGreaterThan(1);
    for (const document of shown) expect(made).toContainEqual(document);
  });

  it.each(KUSTOMIZATIONS)("%s names files that are there, and all that are", file => {
    const folder = dirname(file);
    const { resources, patches = [] } = parse(readFileSync(file, "utf8"));
    const named = [...resources, ...patches.map(({ path }: { path: string }) => path)].filter((name: string) => !name.startsWith(".."));
    expect(named.sort()).toEqual(
      readdirSync(folder)
        .filter(name => name !== "kustomization.yaml")
        .sort(),
    );
    for (const base of resources.filter((name: string) => name.startsWith(".."))) {
      expect(KUSTOMIZATIONS).toContain(join(folder, base, "kustomization.yaml"));
    }
  });

  it.each(KUSTOMIZATIONS.filter(file => !file.includes("/collector/")))(
    "%s makes a filter and what it needs, but for routes in one namespace",
    file => {
      const folder = dirname(file).replace("istio/", "");
      const objects = build(dirname(file));
      const [filter, ...others] = objects
        .map(({ kind }) => kind as string)
        .sort((a, b) => Number(FILTERS.test(b)) - Number(FILTERS.test(a)));
      expect(filter).toMatch(FILTERS);
      expect(others.sort()).toEqual(BESIDE[folder] ?? ["Telemetry"]);
      const own = folder === "traffic-split" ? objects.filter(({ kind }) => !ROUTES.has(kind as string)) : objects;
      expect(new Set(own.map(({ metadata }) => (metadata as Json).namespace)).size).toBe(1);
    },
  );

  it("puts every filter where its work is: identity first, then the choice of a variant, counts on the side that serves", () => {
    const plugin = (folder: string) => build(`istio/${folder}`).find(({ kind }) => kind === "WasmPlugin")?.spec;
    expect(plugin("request-auth")).toMatchObject({ phase: "AUTHN", failStrategy: "FAIL_CLOSE" });
    expect(plugin("traffic-split")).toMatchObject({ phase: "STATS", priority: 10, failStrategy: "FAIL_OPEN" });
    expect(plugin("tenant-metrics")).toMatchObject({ phase: "STATS", match: [{ mode: "SERVER" }], failStrategy: "FAIL_OPEN" });
  });

  it("name in each document what another one has: clusters, the route header, labels", () => {
    const [auth, entry] = build("istio/request-auth") as [Any, Any];
    expect(auth.spec.pluginConfig.decision.cluster).toBe(`outbound|${entry.spec.ports[0].number}||${entry.spec.hosts[0]}`);
    const [split, , , routes, rule] = build("istio/traffic-split") as Any[];
    const names = split.spec.pluginConfig.variants.map(({ name }: Any) => name);
    expect(rule.spec.subsets.map(({ name }: Any) => name)).toEqual(names);
    expect(routes.spec.http.map(({ route }: Any) => route[0].destination.subset).sort()).toEqual([...names].sort());
    expect(routes.spec.http[0].match).toEqual([{ headers: { "x-variant": { exact: names[1] } } }]);
    const [metrics] = build("istio/tenant-metrics") as [Any];
    const values = parse(readFileSync("istio/helm/values-tenant-metrics.yaml", "utf8"));
    const labels = metrics.spec.pluginConfig.labels.map(({ name }: Any) => name);
    expect(values).toEqual({ meshConfig: { defaultConfig: { extraStatTags: labels } } });
  });

  it("have the Collector with what otel/ says, and everything of it in one namespace", () => {
    const objects = build("istio/collector");
    const texts = objects.flatMap(({ kind, data }) => (kind === "ConfigMap" ? [(data as Json)["config.yaml"]] : []));
    expect(texts).toEqual(["otel/agent.yaml", "otel/gateway.yaml"].map(path => readFileSync(path, "utf8")));
    const namespaces = objects.map(({ metadata }) => (metadata as Json).namespace).filter(name => name !== undefined);
    expect([...new Set(namespaces)]).toEqual(["observability"]);
  });

  it("take the base's WasmPlugin away where they bring another kind", () => {
    expect(build("istio/overlays/traffic-extension").map(({ kind }) => kind)).toEqual(["Telemetry", "TrafficExtension"]);
    for (const name of ["envoy-filter", "skip-unsampled"])
      expect(build(`istio/overlays/${name}`).map(({ kind }) => kind)).toEqual(["Telemetry", "EnvoyFilter"]);
  });

  it("read request headers on old proxies, and the caller's traceparent at a gateway", () => {
    const userId = { header: { name: "x-span-user-id" } };
    expect(build("istio/overlays/old-proxies")).toMatchObject([
      { kind: "WasmPlugin", spec: { pluginConfig: { span_attributes: { to: ["request_header"] } } } },
      { kind: "Telemetry", spec: { tracing: [{ customTags: { "user.id": userId } }] } },
    ]);
    const place = { metadata: { namespace: "istio-ingress" }, spec: { targetRefs: [{ name: "edge" }] } };
    const untrusted = { "trace_context.untrusted_traceparent": { formatter: {} } };
    const gateway = build("istio/overlays/gateway");
    expect(gateway).toMatchObject([place, place]);
    expect(gateway).toMatchObject([
      { kind: "WasmPlugin", spec: { pluginConfig: { trace_context: { trust: "none" } } } },
      { kind: "Telemetry", spec: { tracing: [{ customTags: untrusted }] } },
    ]);
  });
});

/** As far as these files need it, what kustomize does; with kustomize itself: npm run test:istio. */
function build(folder: string): Json[] {
  const { namespace, resources, patches = [] } = parse(readFileSync(join(folder, "kustomization.yaml"), "utf8"));
  let objects: Json[] = resources.flatMap((name: string) => {
    const path = normalize(join(folder, name));
    return name.endsWith(".yaml") ? parseAllDocuments(readFileSync(path, "utf8")).map(each => each.toJS()) : build(path);
  });
  for (const { path, target } of patches) {
    const patch = parse(readFileSync(join(folder, path), "utf8"));
    const wanted = target ?? { kind: patch.kind, name: patch.metadata.name };
    const fits = ({ kind, metadata }: Json): boolean => kind === wanted.kind && (metadata as Json).name === wanted.name;
    expect(objects.filter(fits), `${folder}/${path} fits one object`).toHaveLength(1);
    if (patch.$patch === "delete") objects = objects.filter(each => !fits(each));
    else for (const each of objects.filter(fits)) for (const operation of patch) apply(operation, each);
  }
  return objects.map(each => (namespace ? { ...each, metadata: { ...(each.metadata as Json), namespace } } : each));
}

/** RFC 6902, a field of an object. */
function apply({ op, path, value }: { op: string; path: string; value?: unknown }, document: Json): void {
  const keys = path.split("/").slice(1);
  const last = keys.pop() ?? "";
  const holder = keys.reduce<Json>((each, key) => each[key] as Json, document);
  // A patch that replaces or removes what is not there is refused.
  expect(last in holder, `${op} ${path}`).toBe(op !== "add");
  if (op === "remove") delete holder[last];
  else holder[last] = value;
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap(name =>
    name.endsWith(".yaml") && !name.includes("node_modules") ? [join(folder, name)] : [],
  );
}
