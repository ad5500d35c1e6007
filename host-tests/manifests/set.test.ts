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

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const WANTED = setFiles({
  version,
  edges: filter => readWasm(readFileSync(`build/${filter}.wasm`)),
  text: path => readFileSync(path, "utf8"),
});
const KUSTOMIZATIONS = yamlFiles("istio").filter(file => file.endsWith("kustomization.yaml"));

describe("istio/, envoy/ and the configurations of examples", () => {
  it.each(WANTED.map(file => [file.path, file] as const))(
    "%s is what scripts/manifest-set makes of build/; else: npm run manifests",
    (path, file) => {
      expect(readFileSync(path, "utf8")).toBe(render(file));
    },
  );

  it("have no YAML that nothing makes", () => {
    const made = new Set(WANTED.map(({ path }) => path));
    const files = ["istio", "envoy", "examples"].flatMap(yamlFiles);
    const stale = files.filter(path => !made.has(path) && readFileSync(path, "utf8").includes("Made by `npm run manifests`"));
    expect(stale).toEqual([]);
  });

  it("say in each file what it is, and in each that is applied what to change", () => {
    for (const { path, about } of WANTED) {
      expect(about.length, path).toBeGreaterThan(0);
      if (/kustomization|values|^envoy\/|^examples\//.test(path))
        expect(about.join("\n"), path).toMatch(/Istio 1\.|Envoy 1\.|Envoy before 1\./);
    }
  });
});

it.skipIf(!published)(
  "examples/*/istio.yaml, and what Envoy reads there, have no error and no warning for meshwright validate",
  async () => {
    const paths = WANTED.map(({ path }) => path).filter(path => path.startsWith("examples/"));
    expect(paths.length).toBeGreaterThan(7);
    const { status, out } = await run(["validate", ...paths]);
    expect({ status, out }).toEqual({ status: 0, out: "" });
  },
);

describe("the kustomizations", () => {
  it("are those of the base, its overlays, the two other filters and the Collector", () => {
    const folders = KUSTOMIZATIONS.map(file => dirname(file).replace("istio/", "")).sort();
    const overlays = ["envoy-filter", "gateway", "old-proxies", "otlp-log", "sidecar", "traffic-extension"].map(name => `overlays/${name}`);
    expect(folders).toEqual(["base", "collector", ...overlays, "span-attributes", "trace-context"]);
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

  it.each(KUSTOMIZATIONS.filter(file => !file.includes("/collector/")))("%s makes a filter and a Telemetry, of one namespace", file => {
    const objects = build(dirname(file));
    const kinds = objects.map(({ kind }) => kind);
    expect(kinds).toHaveLength(2);
    expect(kinds).toContain("Telemetry");
    expect(new Set(objects.map(({ metadata }) => (metadata as Json).namespace)).size).toBe(1);
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
    expect(build("istio/overlays/envoy-filter").map(({ kind }) => kind)).toEqual(["Telemetry", "EnvoyFilter"]);
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
