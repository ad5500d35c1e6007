import { flagsOfLine } from "../access-log-line.ts";
import { type Check, type Patient, statsAbove0 } from "../check.ts";
import { exportersOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { FLAG_OF_STAT, FLAGS } from "../response-flags.ts";

/** Why requests failed: response flags of log lines, and the counters behind them. */
export const responses: Check = patient => [...inLog(patient), ...inStats(patient), ...handshakes(patient)];

function inLog({ snapshot }: Patient): Report[] {
  const lines = new Map<string, string[]>();
  for (const line of snapshot.accessLog) for (const flag of flagsOfLine(line)) lines.set(flag, [...(lines.get(flag) ?? []), line]);
  return [...lines].map(([flag, [first = "", ...more]]) => {
    const { meaning, mend } = FLAGS[flag] ?? {
      meaning: "a flag that is unknown here",
      mend: "see Envoy's documentation of %RESPONSE_FLAGS%",
    };
    const found = `${flag}, ${meaning}, in ${more.length + 1} of ${snapshot.accessLog.length} lines, such as: ${first.slice(0, 300)}`;
    return { id: "response-flags", severity: "warning", where: "the access log", found, mend };
  });
}

function inStats({ snapshot, proxy }: Patient): Report[] {
  // Said of the exporter, in its own words.
  const exporting = new Set(proxy.managers.flatMap(manager => exportersOf(manager, proxy)).map(({ cluster }) => cluster));
  return statsAbove0(snapshot, /(cluster|http)\.(.+?)\.((?:fault\.|rbac\.|ext_authz\.)?[a-z_0-9]+)/).flatMap(({ value, groups }) => {
    const [kind = "", name = "", stat = ""] = groups;
    const flag = FLAG_OF_STAT[`${kind}.${stat}`];
    if (!flag || (kind === "cluster" && exporting.has(name)) || name === "admin" || name === "async-client") return [];
    const { meaning = "", mend = "" } = FLAGS[flag] ?? {};
    const where = kind === "cluster" ? `cluster ${name}` : `connection manager ${name}`;
    return [{ id: "response-flags", where, found: `${stat} ${value} since the start, in log lines ${flag}: ${meaning}`, mend }];
  });
}

function handshakes({ snapshot }: Patient): Report[] {
  const pattern = /((?:cluster|listener)\..+)\.ssl\.(fail_verify_\w+|connection_error)/;
  return statsAbove0(snapshot, pattern).map(({ value, groups: [where = "", what = ""] }) => {
    const mend =
      "fail_verify_san: the peer is somebody else than expected; fail_verify_error: its certificate is expired or of another CA; connection_error: one side speaks plain text or another version (Istio: PeerAuthentication STRICT against clients without a sidecar)";
    return { id: "tls-verify-failed", where: where.replace(/^(\w+)\./, "$1 "), found: `${value} TLS handshakes failed: ${what}`, mend };
  });
}
