import { stringify } from "yaml";
import { type Check, isReceived, type Patient, statsAbove0 } from "../check.ts";
import { pluginsOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { isOfType } from "../json.ts";
import type { WasmPlugin } from "../wasm-plugin.ts";

/** Whether Wasm modules came, loaded, and live. */
export const wasmState: Check = patient => {
  const plugins = patient.proxy.managers.flatMap(pluginsOf);
  return [
    ...fetched(patient, plugins),
    ...loaded(patient),
    ...alive(patient),
    ...replaced(patient),
    ...plugins.filter(({ own, policy }) => own === "request-auth" && policy === "FAIL_OPEN").map(openAuth),
  ];
};

function fetched({ snapshot }: Patient, plugins: readonly WasmPlugin[]): Report[] {
  const remote = plugins.filter(({ isRemote }) => isRemote);
  return statsAbove0(snapshot, /wasm\.remote_load_fetch_failures/).map(({ name, value }) => {
    const whose = remote.map(({ name, code, policy }) => `${name} from ${code} (${then(policy)})`).join(", ") || "a module";
    const mend =
      "see that the URL answers through the cluster that http_uri names, and that sha256 is that of the file; then change the filter's configuration, because Envoy remembers a failed fetch";
    return { id: "wasm-fetch-failed", where: `stat ${name}`, found: `${value} fetches failed: ${whose}`, mend };
  });
}

/** What becomes of requests. */
const then = (policy: WasmPlugin["policy"]): string =>
  policy === "FAIL_OPEN" ? "fail open: requests pass without it" : "fail closed: requests are answered 503";

/** A refused listener or filter says so itself; a filter that was not refused says it in Envoy's log only. */
function loaded({ snapshot, proxy }: Patient): Report[] {
  const mend =
    "the lines before it in Envoy's log say why: a configuration that the module refuses (meshwright validate), a file that is not there, a module that Envoy cannot load (meshwright check)";
  const inConfig = proxy.rejected.flatMap(({ where, details }): Report[] => {
    const name = /Unable to create Wasm plugin (\S+)/.exec(details)?.[1];
    return name ? [{ id: "wasm-load-failed", where, found: `Envoy could not create the plugin ${name}`, mend }] : [];
  });
  const inLog = [...new Set(snapshot.envoyLog.flatMap(line => /\[wasm\].*Plugin (\S+) failed to load/.exec(line)?.[1] ?? []))];
  return [
    ...inConfig,
    ...inLog.map((name): Report => ({ id: "wasm-load-failed", where: "Envoy's log", found: `the plugin ${name} failed to load`, mend })),
  ];
}

function alive({ snapshot, proxy }: Patient): Report[] {
  const mend =
    "Envoy's log has the backtrace: meshwright symbolize makes lines of it. A VM that failed stays so until the filter's configuration changes, with FAIL_RELOAD until it is loaded again";
  const change = stringify({ failure_policy: "FAIL_RELOAD" });
  const reports: Report[] = [];
  const traps = snapshot.envoyLog.filter(line => /Function: \S+ failed|in-VM backtrace/.test(line)).length;
  const failedStreams = snapshot.accessLog.filter(line => line.includes("wasm_fail_stream"));
  if (traps > 0) reports.push({ id: "wasm-vm-failed", where: "Envoy's log", found: "a module trapped, and its VM ended", mend, change });
  if (failedStreams.length > 0)
    reports.push({
      id: "wasm-vm-failed",
      where: "the access log",
      found: `${failedStreams.length} requests ended with wasm_fail_stream, such as ${failedStreams[0]}`,
      mend,
      change,
    });
  for (const manager of proxy.managers.filter(each => pluginsOf(each).some(({ policy }) => policy !== "FAIL_OPEN"))) {
    const count = (name: string): number => snapshot.stats?.get(`http.${manager.statPrefix}.${name}`) ?? 0;
    // The router counts what gets to it: the rest was answered by a filter, and it was no 4xx.
    // A filter that never came answers with 500.
    if (!manager.filters.every(filter => isReceived(filter, { proxy, snapshot }))) continue;
    const before = count("downstream_rq_5xx") - count("rq_total");
    if (before <= 0) continue;
    const names = pluginsOf(manager).map(({ name, policy }) => `${name} (${policy})`);
    const found = `at least ${before} requests were answered 5xx before they got to the router; Wasm filters that fail closed: ${names.join(", ")}`;
    reports.push({ id: "wasm-vm-failed", where: manager.where, found, mend, change });
  }
  for (const { name, value } of statsAbove0(snapshot, /wasm\.[^.]+(?:\.[^.]+)*\.vm_reload_(?:success|failure)/)) {
    const isFailure = name.endsWith("failure");
    const found = isFailure
      ? `${value} times a VM that had failed could not be loaded again`
      : `${value} times a VM failed and was loaded again`;
    reports.push({ id: isFailure ? "wasm-vm-failed" : "wasm-reloaded", where: `stat ${name}`, found, mend, change: "" });
  }
  return reports;
}

/** Istio's agent puts an RBAC filter in the place of a module that it could not pull. */
function replaced({ proxy }: Patient): Report[] {
  return [...proxy.discovered].flatMap(([name, config]): Report[] => {
    if (!isOfType(config, "RBAC") || !/^extensions\.istio\.io\//.test(name)) return [];
    const isDenied = JSON.stringify(config).includes('"DENY"') || !JSON.stringify(config).includes('"ALLOW"');
    const found = `istio-agent could not pull the module and put an RBAC filter there that ${isDenied ? "denies all: 403 RBAC: access denied" : "lets all pass"}`;
    const mend =
      "see istio-proxy's log for the reason: the URL, the digest, the pull secret, a registry that speaks HTTP or has a certificate of its own (WASM_INSECURE_REGISTRIES); then change the WasmPlugin, for the agent pulls again when it changes";
    return [{ id: "wasm-replaced", where: `filter ${name}`, found, mend }];
  });
}

function openAuth({ filter, name }: WasmPlugin): Report {
  const found = `${name} is FAIL_OPEN: when its VM fails, every request passes without authentication`;
  return {
    id: "auth-fail-open",
    where: filter.where,
    found,
    mend: "let it fail closed, or load again",
    change: stringify({ failure_policy: "FAIL_RELOAD" }),
  };
}
