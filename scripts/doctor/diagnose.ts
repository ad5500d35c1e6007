import type { FindModule } from "../validate/index.ts";
import { CATALOG } from "./catalog.ts";
import type { Patient } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import type { Finding, Report, Severity } from "./finding.ts";
import { readProxy } from "./proxy.ts";
import type { Snapshot } from "./snapshot.ts";

const ORDER: readonly Severity[] = ["error", "warning", "info"];

/** Examines a proxy; the worst comes first. The same trouble in several places is one finding. */
export async function diagnose(snapshot: Snapshot, findModule: FindModule, now = new Date()): Promise<Finding[]> {
  const patient: Patient = { snapshot, proxy: readProxy(snapshot), now, findModule };
  const reports: Report[] = [];
  for (const check of CHECKS) reports.push(...(await check(patient)));
  return merged(reports).sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

function merged(reports: readonly Report[]): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { where, ...report } of reports) {
    const key = JSON.stringify([report.id, report.found, report.change]);
    const before = findings.get(key);
    const places = before ? [...new Set([...before.where, where])] : [where];
    findings.set(key, { severity: CATALOG[report.id], change: "", ...report, where: places });
  }
  return [...findings.values()];
}
