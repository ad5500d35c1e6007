import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ADMIN_PATHS, CATALOG, FINDING_IDS, FLAGS } from "../../scripts/doctor/index.ts";
import { DEFAULT_ENVOY_VERSION } from "../../scripts/envoy/index.ts";
import type { RunningEnvoy } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { buildTraps } from "../symbolize/traps.ts";
import { meshwright } from "./cli.ts";
import { healthy, TELEMETRY } from "./patient.ts";

const BROKEN = { customTags: {}, randomSampling: 0 };
const idsIn = (json: string): string[] => JSON.parse(json).findings.map(({ id }: { id: string }) => id);

/** What an operator would save, a file for each answer. */
async function save(envoy: RunningEnvoy): Promise<string> {
  const folder = temporaryFolder();
  for (const path of ADMIN_PATHS) writeFileSync(join(folder, `${path.slice(1).replace(/\?.*/, "")}.txt`), await envoy.admin(path));
  return folder;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meshwright-doctor-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const camelCase = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== "object" || value === null) return value;
  const camel = (key: string): string => (/^[a-z_]+$/.test(key) ? key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()) : key);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [camel(key), camelCase(each)]));
};

describeEnvoy("meshwright doctor, the command", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  const start = async (suite: EnvoySuite, change: object = {}) => {
    const form = healthy((await suite.echo()).url, (await suite.receiver()).url);
    return suite.start({ config: form.tracing(change) });
  };

  it("says healthy and exits with 0, or names the errors and the change and exits with 1", async () => {
    const good = await start(envoy);
    expect(await meshwright(["doctor", "--admin", good.adminUrl])).toEqual({
      status: 0,
      out: `doctor: ${good.adminUrl}: healthy\n`,
      err: "",
    });
    const bad = await start(envoy, BROKEN);
    const { status, out } = await meshwright(["doctor", "--admin", bad.adminUrl]);
    expect(status).toBe(1);
    expect(out).toContain("✗ error span-tag-missing: mesh-telemetry sets user.id, and no custom tag reads it");
    expect(out).toContain("    at listener in, its filter chain, tracing.custom_tags");
    expect(out).toContain('        - tag: user.id\n          value: "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%"');
    expect(out).toMatch(/2 errors, 0 warnings/);
  });

  it("finds the same in what was saved, in a folder or file by file, and in istioctl's lists", async () => {
    const proxy = await start(envoy, BROKEN);
    const folder = await save(proxy);
    const expected = ["sampling-zero", "span-tag-missing"];
    const found = async (...paths: string[]) => {
      const { out } = await meshwright(["doctor", "--json", ...paths.flatMap(path => ["--dump", path])]);
      return idsIn(out).sort();
    };
    expect(await found(folder)).toEqual(expected);
    expect(await found(join(folder, "config_dump.txt"))).toEqual(expected);
    const whole = readFileSync(join(folder, "config_dump.txt"), "utf8");
    expect(idsIn((await meshwright(["doctor", "--json", "--dump", "-"], whole)).out).sort()).toEqual(expected);

    // `istioctl proxy-config listener POD -o json` and the same for clusters: lists, with fields in camel case.
    const { configs } = JSON.parse(whole) as { configs: Record<string, { listener?: object; cluster?: object }[]>[] };
    const list = (key: "static_listeners" | "static_clusters", inner: "listener" | "cluster") =>
      JSON.stringify(camelCase(configs.flatMap(section => section[key] ?? []).map(entry => entry[inner])));
    writeFileSync(join(folder, "listeners.json"), list("static_listeners", "listener"));
    writeFileSync(join(folder, "clusters.json"), list("static_clusters", "cluster"));
    expect(await found(join(folder, "listeners.json"), join(folder, "clusters.json"))).toEqual(expected);
  });

  it("shows the chains, plugins and tags that are in force", async () => {
    const proxy = await start(envoy);
    const { out } = await meshwright(["doctor", "--show", "--admin", proxy.adminUrl]);
    for (const line of [
      `Envoy ${envoy.version}, node meshwright of meshwright`,
      "  tracer envoy.tracers.opentelemetry, sampling 100 %",
      "    tag user.id: %FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%",
      `    configuration ${JSON.stringify(TELEMETRY.config)}`,
      "    sets user.id",
      "cluster app: healthy",
    ])
      expect(out).toContain(`${line}\n`);
    expect(out).toMatch(/ {2}filter mesh-telemetry: \S+\.wasm, root id mesh-telemetry, FAIL_CLOSED\n/);
    const shown = JSON.parse((await meshwright(["doctor", "--show", "--json", "--admin", proxy.adminUrl])).out);
    expect(shown.chains[0]).toMatchObject({ tags: [{ tag: "user.id" }], filters: [{ attributes: ["user.id"] }, { plugin: null }] });
  });

  it.each(["FAIL_CLOSED", "FAIL_OPEN", "FAIL_RELOAD"] as const)(
    "sees a module that trapped, with %s, in log and counters",
    async failurePolicy => {
      const { wasmFile } = await buildTraps();
      const form = healthy((await envoy.echo()).url, (await envoy.receiver()).url);
      const traps = { name: "traps", wasm: wasmFile, failurePolicy };
      const config = form.listening({ filters: [TELEMETRY, traps] });
      const proxy = await envoy.start({ config });
      await proxy.request("in", { headers: [["x-trap", "unreachable"]] });
      const folder = temporaryFolder();
      const log = join(folder, "envoy.log");
      await proxy.waitForLog(/in-VM backtrace/);
      writeFileSync(log, (await proxy.logs()).join("\n"));
      const accessLog = join(folder, "access.log");
      writeFileSync(accessLog, (await proxy.waitForAccessLog(1)).map(line => JSON.stringify(line)).join("\n"));
      const found = async (...args: string[]) => new Set(idsIn((await meshwright(["doctor", "--json", ...args])).out));
      expect(await found("--log", log)).toEqual(new Set(["wasm-vm-failed"]));
      expect(await found("--access-log", accessLog)).toContain("wasm-vm-failed");
      // Without the logs: what fails closed answers before the router, what was loaded again is counted, what fails open shows nowhere.
      const again = () => proxy.request("in", {});
      const inCounters = { FAIL_CLOSED: ["wasm-vm-failed"], FAIL_OPEN: [], FAIL_RELOAD: ["wasm-reloaded"] }[failurePolicy];
      await expect
        .poll(async () => {
          if (failurePolicy !== "FAIL_CLOSED") await again();
          return [...(await found("--admin", proxy.adminUrl))].filter(id => failurePolicy !== "FAIL_RELOAD" || id === "wasm-reloaded");
        })
        .toEqual(inCounters);
    },
  );
});

describe("meshwright doctor", () => {
  it("tells what response flags mean, of a line in text or JSON, and of flags alone", async () => {
    const lines = [
      '[2026-01-01T00:00:00.000Z] "GET /users HTTP/1.1" 503 UF,URX upstream_reset_before_response_started - "-" 0 91 3 - "-"',
      '{"status":404,"response_flags":"NR"}',
      "UO",
      '{"status":200,"response_flags":"-"}',
    ];
    const { status, out } = await meshwright(["doctor", ...lines.flatMap(line => ["--line", line])]);
    expect(status).toBe(0);
    for (const flag of ["UF", "URX", "NR", "UO"])
      expect(out).toContain(`response-flags: ${flag}, ${FLAGS[flag]?.meaning}, in 1 of 4 lines`);
  });

  it("calls no proxy healthy of which it has seen nothing but lines", async () => {
    const { status, out } = await meshwright(["doctor", "--line", '{"status":200,"response_flags":"-"}']);
    expect({ status, out: out.trim() }).toEqual({
      status: 0,
      out: "doctor: log lines: nothing in them tells of a failure; --admin or --dump examines the proxy itself",
    });
  });

  it("exits with 2 and the reason when nothing can be read", async () => {
    const file = join(temporaryFolder(), "notes.txt");
    writeFileSync(file, "this is no dump");
    for (const [args, reason] of [
      [["--admin", "http://127.0.0.1:9"], "does not answer"],
      [["--dump", file], "expected an answer of Envoy's admin interface"],
      [["--dump", "absent.json"], "cannot be read (ENOENT); give a file"],
      [["--line", "UF", "--module", "absent.wasm"], "doctor: --module: ENOENT"],
      [["--line", "UF", "--module", file], `doctor: --module: ${file} is no WebAssembly module`],
      [["--admin", "http://127.0.0.1:9", "--dump", file], "give one of them"],
      [["--admin", "localhost"], "Give a URL"],
    ] as const) {
      const { status, out, err } = await meshwright(["doctor", ...args]);
      expect({ status, out }).toEqual({ status: 2, out: "" });
      expect(err).toContain(reason);
    }
  });

  it("has a section in docs/troubleshooting.md for each finding and each flag, and none for others", () => {
    const text = readFileSync("docs/troubleshooting.md", "utf8");
    expect([...text.matchAll(/^### `([a-z0-9-]+)`/gm)].map(([, id]) => id).sort()).toEqual([...FINDING_IDS].sort());
    for (const id of FINDING_IDS) expect(text).toMatch(new RegExp(`^### \`${id}\` \\(${CATALOG[id]}\\)$`, "m"));
    expect([...text.matchAll(/^\| `([A-Z]+)` /gm)].map(([, flag]) => flag).sort()).toEqual(Object.keys(FLAGS).sort());
  });

  it("has a test that breaks an Envoy for each finding", () => {
    const tests = ["breakages.ts", "command.test.ts"].map(name => readFileSync(`host-tests/doctor/${name}`, "utf8")).join("");
    expect(FINDING_IDS.filter(id => !tests.includes(`"${id}"`))).toEqual([]);
  });
});
