import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { compareVersions, findEnvoy } from "../../scripts/envoy/index.ts";
import { completeEnvoy, type ManifestRequest } from "../../scripts/manifests/index.ts";
import { request } from "./fixtures.ts";

const run = promisify(execFile);
/** The first one that reads filter state in tags, the one of Istio 1.31, the current one; and the last before. */
const VERSIONS = ["1.36.4", "1.37.0", "1.39.3", "1.40.0"] as const;
const READY = [
  ...readdirSync("envoy").map(name => `envoy/${name}`),
  ...["west", "west-filter", "east", "east-filter"].map(name => `examples/two-clusters/${name}.yaml`),
].filter(path => path.endsWith(".yaml"));
/** Their tags read filter state. */
const NEWER = new Set(["envoy/edge.yaml", "envoy/otlp-log.yaml", "examples/two-clusters/west.yaml", "examples/two-clusters/east.yaml"]);
const COLLECTOR = { service: "collector", port: 4317 };
const RESTRICTIONS = { plugin: "1.39", vm: "1.40" } as const;

/** In a mode that loads the modules as well; nothing is opened and nothing resolved. */
describe.each(VERSIONS)("[envoy %s] --mode validate", version => {
  let envoy = "";
  const folder = mkdtempSync(join(tmpdir(), "meshwright-envoy-accepts-"));
  beforeAll(async () => {
    envoy = (await findEnvoy({ version })).path;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function validate(text: string): Promise<{ isOk: boolean; log: string }> {
    const file = join(folder, "envoy.yaml");
    writeFileSync(
      file,
      text.replaceAll(/\/etc\/envoy\/([a-z-]+)\.wasm/g, (_, name) => resolve(`build/${name}.wasm`)),
    );
    const args = ["--mode", "validate", "-c", file, "-l", "warning"];
    try {
      const { stdout, stderr } = await run(envoy, args);
      return { isOk: true, log: stdout + stderr };
    } catch (error) {
      return { isOk: false, log: String((error as { stderr?: string }).stderr) };
    }
  }

  const whole = (filter: string, more: Partial<ManifestRequest>): string => {
    const code = { from: "file", path: `/etc/envoy/${filter}.wasm` } as const;
    return stringify(completeEnvoy(request(filter, { code, envoyVersion: version, ...more }), COLLECTOR), { version: "1.1" });
  };

  it.each(READY)("takes %s", async name => {
    const { isOk, log } = await validate(readFileSync(name, "utf8"));
    const isForNewer = NEWER.has(name) && compareVersions(version, "1.37.0") < 0;
    expect(isOk, log).toBe(!isForNewer);
    // Its tags read filter state, by a field that is new in 1.37, and so are fields of the log in OTLP; Envoy names the one that it meets first.
    if (isForNewer) expect(log).toMatch(/no\s+such\s+field:\s+'(value|log_name|http_service)'/);
  });

  it.each([
    [
      "mesh-telemetry",
      { config: { trace_context: { trust: "none" } }, tags: [{ name: "plan", source: { from: "header", header: "x-plan" } }] },
    ],
    ["span-attributes", { config: { custom_attributes: { "app.version": "v1" } }, runtime: "v8", failurePolicy: "reload" }],
    ["span-attributes", { config: { attributes: [] }, logForm: "otlp" }],
    ["trace-context", { config: { expose: ["trace_id", "span_id"] }, tracer: false, logForm: "otlp" }],
    ["trace-context", { config: { expose: ["trace_id", "span_id"] }, tracer: false, failurePolicy: "open" }],
  ] as const)("takes what is made of %s for it, and warns of nothing", async (filter, more) => {
    const { isOk, log } = await validate(whole(filter, more));
    expect(isOk, log).toBe(true);
    expect(log).not.toMatch(/\[warning\]|[Dd]eprecated/);
  });

  it("knows restrictions in the place where they are put for it", async () => {
    const elsewhere = compareVersions(version, "1.40") < 0 ? "vm" : "plugin";
    const { isOk, log } = await validate(
      whole("span-attributes", { config: { attributes: [] }, envoyVersion: RESTRICTIONS[elsewhere], tracer: false }),
    );
    // Before 1.40 the VM has no such field; from then on the plugin's still counts, and Envoy warns.
    expect(isOk, log).toBe(elsewhere === "plugin");
    expect(log).toContain("capability_restriction_config");
  });
});
