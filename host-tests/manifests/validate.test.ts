import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ManifestRequest, manifests, renderManifests, type Target } from "../../scripts/manifests/index.ts";
import { moduleFinder, type Problem, validate } from "../../scripts/validate/index.ts";
import { meshwright } from "../oci/fixtures.ts";
import { startMemoryRegistry } from "../oci/registry.ts";
import { withInput } from "./command.ts";
import { crds, published } from "./crds.ts";
import { expectations } from "./expectations.ts";
import { request } from "./fixtures.ts";

const HERE = "host-tests/manifests";

/** What `meshwright validate` does with files that were read. */
async function validateTexts(files: { file: string; text: string }[], versions: { istio?: string; envoy?: string } = {}) {
  const findModule = moduleFinder({ files: [], folders: ["."], pull: null });
  return validate(files, { crds, versions: { istio: versions.istio ?? null, envoy: versions.envoy ?? null }, findModule });
}

function validateFiles(path: string, versions: { istio?: string; envoy?: string } = {}) {
  const files = statSync(path).isDirectory() ? yamlFiles(path) : [path];
  return validateTexts(
    files.map(file => ({ file, text: readFileSync(file, "utf8") })),
    versions,
  );
}

const yamlFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap(name => (name.endsWith(".yaml") ? [join(folder, name)] : []));

const PLUGIN = { apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin" };
const PLUGIN_HEAD = "apiVersion: extensions.istio.io/v1alpha1\n  kind: WasmPlugin";

/** Each row names the one before it ten times. */
function rows(count: number): string {
  return Array.from({ length: count }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(", ")}]\n`).join("");
}

describe.skipIf(!published)("meshwright validate", () => {
  const alone = yamlFiles(`${HERE}/bad`).filter(file => !file.includes("together"));

  it.each([...alone.map(file => [file]), [`${HERE}/bad/together`]])("tells what its comments say of %s, and no more", async path => {
    const files = path.endsWith(".yaml") ? [path] : yamlFiles(path);
    const wanted = files.flatMap(file => expectations(file).map(each => ({ file, ...each })));
    expect(wanted.length).toBeGreaterThan(0);
    const { problems } = await validateFiles(path);
    const short = ({ severity, file, line, path: at }: Pick<Problem, "severity" | "file" | "line" | "path">) =>
      `${file}:${line}: ${severity}: ${at}`;
    expect(problems.map(short).sort()).toEqual(wanted.map(short).sort());
    for (const each of wanted) {
      const told = problems.filter(problem => short(problem) === short(each));
      expect(told.map(({ expected, found, hint }) => `expected ${expected}, found ${found}; ${hint}`).join("\n")).toContain(each.words);
    }
  });

  it.each([`${HERE}/good/istio.yaml`, `${HERE}/good/envoy-resource.json`, "istio", "envoy"])("finds nothing in %s", async path => {
    const { problems, checked } = await validateFiles(path);
    expect(problems).toEqual([]);
    expect(checked.length).toBeGreaterThan(0);
  });

  it("says what it did not look into, and of which plugins it has no module", async () => {
    const { notes } = await validateFiles(`${HERE}/good/istio.yaml`);
    expect(notes).toEqual([
      expect.stringContaining("Service shop: not checked: Service of v1"),
      expect.stringMatching(/of-somebody-else: the configuration of oci:.* was not compared .* give --module FILE or --pull$/),
    ]);
    const patches = await validateFiles("istio/overlays/gateway");
    expect(patches.notes).toContainEqual(expect.stringContaining("telemetry.patch.yaml: not checked: a patch"));
  });

  it("prints file, line, object, path, expected and found, and what follows", async () => {
    const { status, out, err } = await meshwright(["validate", `${HERE}/bad/wasm-plugin.yaml`]);
    expect(out).toContain(
      `${HERE}/bad/wasm-plugin.yaml:17:3: WasmPlugin span-attributes: spec.failStrategy: expected one of "FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD", found "FAIL_CLOSED"\n`,
    );
    expect(out).toContain(":42:3: WasmPlugin no-scheme: spec.pluginName: ");
    expect(err).toMatch(/validate: 7 documents, \d+ errors, 4 warnings; schemas of istio\.io\/api@v1\.\d+\.\d+\n$/);
    expect(status).toBe(1);
  });

  it("tells what an old Istio or Envoy has not", async () => {
    const paths = async (path: string, versions: { istio?: string; envoy?: string }) =>
      (await validateFiles(path, versions)).problems.map(problem => `${problem.file} ${problem.path}`);
    expect(await paths("istio/base", { istio: "1.28" })).toContain("istio/base/telemetry.yaml spec.tracing[0].customTags.user.id");
    expect(await paths("istio/overlays/traffic-extension", { istio: "1.29" })).toEqual([
      "istio/overlays/traffic-extension/traffic-extension.yaml kind",
    ]);
    expect(await paths("istio/base", { istio: "1.29" })).toEqual([]);
    const restriction = expect.stringMatching(/^envoy\/edge\.yaml .*\.config\.capability_restriction_config$/);
    expect(await paths("envoy/edge.yaml", { envoy: "1.40" })).toEqual([restriction]);
    expect(await paths("envoy/edge.yaml", { envoy: "1.37.0" })).toEqual([]);
  });

  it("compares with a module that is given, and prints JSON", async () => {
    const folder = mkdtempSync(join(tmpdir(), "meshwright-validate-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // Under this name nothing is in build/.
    const module = join(folder, "guard.wasm");
    copyFileSync("build/trace-context.wasm", module);
    const plugin = { url: "oci://registry.example/guard:1.0", pluginConfig: { trust: "nobody" } };
    const text = JSON.stringify({ apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin", metadata: { name: "a" }, spec: plugin });
    const { status, out } = await withInput(text, ["validate", "-", "--json", "--module", module]);
    const { schemas, problems, checked, notes } = JSON.parse(out);
    expect({ status, notes, checked }).toEqual({ status: 1, notes: [], checked: ["standard input: WasmPlugin a"] });
    expect(schemas).toMatch(/^istio\.io\/api@v1\./);
    const place = { severity: "error", file: "standard input", line: 1, object: "WasmPlugin a", path: "spec.pluginConfig.trust" };
    expect(problems).toEqual([{ ...place, column: expect.any(Number), expected: 'one of "all", "none"', found: '"nobody"' }]);
  });

  it("compares with the image that a plugin names, with --pull", async () => {
    const registry = await startMemoryRegistry();
    onTestFinished(() => registry.stop());
    // Its name differs from that of the filter in build/, so nothing but the image can tell of the configuration.
    const image = `oci://${registry.host}/a/anything:1.0`;
    const pushed = await meshwright(["push", "build/trace-context.wasm", image, "--plain-http", "--json"]);
    expect(pushed.status).toBe(0);
    const plugin = { url: image, sha256: JSON.parse(pushed.out).digest.slice(7), pluginConfig: { trust: "nobody" } };
    const text = JSON.stringify({ apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin", metadata: { name: "a" }, spec: plugin });
    const piped = await withInput(text, ["validate", "-", "--pull", "--plain-http"]);
    expect(piped.out).toMatch(
      /^standard input:1:\d+: WasmPlugin a: spec\.pluginConfig\.trust: expected one of "all", "none", found "nobody"\n$/,
    );
    expect(piped.status).toBe(1);
    const missing = await withInput(text.replace("anything:1.0", "nothing:1.0"), ["validate", "-", "--pull", "--plain-http"]);
    expect(missing.status).toBe(1);
    expect(missing.out).toMatch(
      /^standard input:1:\d+: WasmPlugin a: spec\.url: expected an image that can be fetched, found 127\.0\.0\.1:\d+\/a\/nothing has no "/,
    );
  });

  it("goes on when an image cannot be fetched", async () => {
    const of = (name: string, spec: object) => ({ ...PLUGIN, metadata: { name }, spec });
    const away = of("away", { url: "oci://127.0.0.1:2/a/b" });
    const text = [away, of("wrong", { url: "oci://127.0.0.1:2/a/b", phase: "LATE" })].map(each => JSON.stringify(each)).join("\n---\n");
    const { status, out } = await withInput(text, ["validate", "-", "--pull", "--plain-http"]);
    expect(status).toBe(1);
    expect(out).toContain("WasmPlugin away: spec.url: expected an image that can be fetched, found 127.0.0.1:2 cannot be reached");
    expect(out).toContain("WasmPlugin wrong: spec.phase");
  });

  it("checks what kubectl get prints: a list, whose items have lines of their own", async () => {
    const wrong = (name: string): string => `- ${PLUGIN_HEAD}\n  metadata: { name: ${name}, uid: x, managedFields: [{ manager: a }] }`;
    const item = (name: string): string =>
      `${wrong(name)}\n  spec:\n    url: oci://registry.example/a/b:1\n    phase: LATE\n  status: {}\n`;
    const text = `apiVersion: v1\nkind: List\nmetadata: { resourceVersion: "" }\nitems:\n${item("a")}${item("b")}`;
    const { problems, checked } = await validateTexts([{ file: "list.yaml", text }]);
    expect(checked).toEqual(["list.yaml: WasmPlugin a", "list.yaml: WasmPlugin b"]);
    expect(problems.map(({ line, object, path }) => `${line} ${object} ${path}`)).toEqual([
      "10 WasmPlugin a spec.phase",
      "17 WasmPlugin b spec.phase",
    ]);
  });

  it("takes an empty document for none, as Kubernetes does", async () => {
    const { problems, checked, notes } = await validateTexts([{ file: "a.yaml", text: "---\n\n---\n# nothing\n---\nnull\n" }]);
    expect({ problems, checked, notes }).toEqual({ problems: [], checked: [], notes: [] });
  });

  it.each([
    ["names itself", "a: &a [*a]\n", "an alias within what it names"],
    ["multiplies", `a: &a0 [x]\n${rows(8)}`, "aliases that multiply"],
  ])("tells of a document whose alias %s", async (_, text, found) => {
    const { problems } = await validateTexts([{ file: "a.yaml", text }]);
    expect(problems).toEqual([expect.objectContaining({ file: "a.yaml", expected: "YAML", found: expect.stringContaining(found) })]);
  });

  it.each([
    ["a file that is not there", ["nowhere.yaml"], "nowhere.yaml cannot be read (ENOENT)"],
    ["a folder without YAML", ["scripts/abi"], "scripts/abi has no .yaml or .yml file"],
    ["a module that is none", ["envoy", "--module", "package.json"], "package.json is no WebAssembly module"],
    ["a version that is none", ["envoy", "--istio-version", "new"], "Give a version like 1.31"],
    ["nothing", [], "missing required argument"],
  ])("exits with 2 for %s", async (_, args, reason) => {
    const { status, out, err } = await meshwright(["validate", ...args]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(reason);
    expect(err).not.toContain("    at ");
  });
});

describe.skipIf(!published)("what the command manifest prints", () => {
  const config = {
    attributes: [
      { name: "user.id", header: "x-user-id" },
      { name: "app.version", env: "APP_VERSION" },
    ],
  };
  const remote = { from: "url", url: "https://modules.example/span-attributes.wasm", sha256: "5e".repeat(32) } as const;
  const file = { from: "file", path: "/etc/envoy/span-attributes.wasm" } as const;

  it.each<[Target, Partial<ManifestRequest>]>([
    ["istio", {}],
    ["istio", { istioVersion: "1.28" }],
    [
      "istio",
      {
        scope: { kind: "gateway", name: "edge" },
        mode: "SERVER",
        sampling: 1,
        accessLog: "envoy",
        metricTags: { tenant_id: "x-tenant-id" },
      },
    ],
    ["traffic-extension", { scope: { kind: "labels", labels: { app: "shop" } } }],
    ["envoyfilter", {}],
    ["envoyfilter", { code: remote, scope: { kind: "gateway", name: "edge" } }],
    ["envoy", { code: file }],
    ["envoy", { code: file, envoyVersion: "1.36.4" }],
  ])("for %s with %j is valid", async (target, more) => {
    const made = request("span-attributes", { config, provider: "otel", ...more });
    const { problems, checked } = await validateTexts([{ file: target, text: renderManifests(manifests(target, made)) }]);
    expect(problems).toEqual([]);
    expect(checked).toHaveLength(target === "envoy" ? 1 : 2);
  });
});

describe("host-tests/manifests/bad", () => {
  it("says with each fault what is expected", () => {
    for (const file of yamlFiles(`${HERE}/bad`)) {
      const marks = readFileSync(file, "utf8").match(/# (!!|\?\?) /g) ?? [];
      expect(marks.length).toBe(expectations(file).length);
    }
  });
});
