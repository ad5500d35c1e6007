import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ADMIN_PATHS } from "../../scripts/doctor/index.ts";
import { DEFAULT_ENVOY_VERSION } from "../../scripts/envoy/index.ts";
import type { RunningEnvoy } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { findProgram } from "../oci/find-program.ts";
import { meshwright } from "./cli.ts";
import { healthy } from "./patient.ts";

const SCRIPTS = "scripts/ops";

/** Runs one of the scripts; what stands in for kubectl comes first in PATH. */
function script(name: string, args: readonly string[], path = ""): Promise<{ status: number; out: string; err: string }> {
  const env = { ...process.env, PATH: [path, process.env.PATH].filter(Boolean).join(delimiter) };
  return new Promise(resolve => {
    execFile("sh", [join(SCRIPTS, name), ...args], { env, maxBuffer: 1 << 26 }, (error, out, err) => {
      resolve({ status: Number(error?.code ?? 0), out, err });
    });
  });
}

/** A kubectl whose only pod is this Envoy: it answers what the scripts ask, and refuses anything else. */
function kubectlFor(envoy: RunningEnvoy, accessLog = ""): string {
  const folder = mkdtempSync(join(tmpdir(), "meshwright-kubectl-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const text = `#!/bin/sh
case "$*" in
  "exec -n shop front-1 -c istio-proxy -- pilot-agent request GET "*) shift 10; exec curl -sS "${envoy.adminUrl}/$1" ;;
  "exec -n shop front-1 -c istio-proxy -- curl "*) shift 7; exec "$@" ;;
  "logs -n shop front-1 -c istio-proxy --since=2m") exec cat "${accessLog}" ;;
  *) echo "unexpected: kubectl $*" >&2; exit 1 ;;
esac
`;
  writeFileSync(join(folder, "kubectl"), text, { mode: 0o755 });
  return folder;
}

describeEnvoy("scripts/ops and meshwright trace", { versions: [DEFAULT_ENVOY_VERSION] }, envoy => {
  const start = async (change: object = {}) => {
    const form = healthy((await envoy.echo()).url, (await envoy.receiver()).url);
    return envoy.start({ config: form.tracing(change) });
  };
  const logOf = (proxy: RunningEnvoy) => join(proxy.folder, "access-in.log");

  it("health-check.sh tells a healthy Envoy from a sick one, also through kubectl", async () => {
    const good = await start();
    expect(await script("health-check.sh", [good.adminUrl])).toMatchObject({ status: 0, out: expect.stringContaining("healthy") });
    const bad = await start({ randomSampling: 0 });
    const { status, out } = await script("health-check.sh", ["pod", "front-1", "shop"], kubectlFor(bad));
    expect({ status, found: /sampling-zero/.test(out) }).toEqual({ status: 1, found: true });
    expect(await script("health-check.sh", ["pod", "other", "shop"], kubectlFor(good))).toMatchObject({ status: 2 });
  });

  it("config-debug.sh shows chain, plugins and tags", async () => {
    const { status, out } = await script("config-debug.sh", ["pod", "front-1", "shop"], kubectlFor(await start()));
    expect(status).toBe(0);
    expect(out).toMatch(/tag user\.id: %FILTER_STATE.*\n {2}filter mesh-telemetry: /);
  });

  it("traffic-trace.sh follows a request into the log, by itself and through kubectl", async () => {
    const proxy = await start();
    const header = ["--header", "x-user-id: u42"];
    const own = await script("traffic-trace.sh", [`${proxy.url("in")}/users`, "--access-log", logOf(proxy), ...header]);
    expect(own.err).toBe("");
    const [, traceId] = /traceparent: 00-([0-9a-f]{32})/.exec(own.out) ?? [];
    expect(own.out).toMatch(new RegExp(`answered {3}200\\n[^]*log {8}\\S+: .*${traceId}`));
    const there = await script(
      "traffic-trace.sh",
      ["pod", "front-1", "shop", `${proxy.url("in")}/users`, ...header],
      kubectlFor(proxy, logOf(proxy)),
    );
    expect(there.out).toMatch(/sent {7}traceparent of trace ([0-9a-f]{32})\nanswered {3}200\nlog {8}.*\1/);
    expect(there.status).toBe(0);
  });

  it("trace says what did not come, and exits with 1", async () => {
    const proxy = await start();
    const absent = join(proxy.folder, "absent.log");
    const { status, out, err } = await meshwright(["trace", proxy.url("in"), "--access-log", absent, "--spans", absent, "--wait", "1"]);
    expect(status).toBe(1);
    expect(out).toContain(`missing    a line with the trace id in ${absent}\nmissing    a span of the trace in ${absent}`);
    expect(err).toContain("meshwright doctor says why");
    // Ports that fetch does not open at all.
    for (const target of ["http://127.0.0.1:9/", "http://localhost:10080/"]) {
      expect(await meshwright(["trace", target])).toMatchObject({
        status: 1,
        err: expect.stringMatching(/does not answer: .*ECONNREFUSED/),
      });
    }
    expect(await meshwright(["trace", "somewhere"])).toMatchObject({ status: 2 });
  });
});

describe("scripts/ops", () => {
  const scripts = readdirSync(SCRIPTS).map(name => join(SCRIPTS, name));

  it("asks a pod for the same as meshwright doctor asks an Envoy", () => {
    const asked = /for path in (.*); do/.exec(readFileSync(join(SCRIPTS, "proxy.sh"), "utf8"))?.[1];
    expect(asked?.replaceAll("'", "").split(" ")).toEqual(ADMIN_PATHS.map(path => path.slice(1)));
  });

  const shellcheck = findProgram("shellcheck");
  if (!shellcheck) console.error("LEFT OUT: shellcheck is not on PATH, so scripts/ops/*.sh are not checked by it; install it");
  it.skipIf(!shellcheck)("is clean for shellcheck", async () => {
    const out = await new Promise<string>(resolve => execFile("shellcheck", scripts, (_, stdout) => resolve(stdout)));
    expect(out).toBe("");
  });
});
