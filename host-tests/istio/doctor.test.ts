import { expect, it } from "vitest";
import { examine } from "../doctor/patient.ts";
import { describeMesh, GATEWAY, SIDECAR, VALUES } from "./suite.ts";
import { ENVOY_VERSIONS } from "./versions.ts";

describeMesh("meshwright doctor, of what istiod generates", ENVOY_VERSIONS["1.31"].slice(-1), enter => {
  it.each([
    { set: "istio/base", proxy: SIDECAR },
    { set: "istio/base", proxy: GATEWAY },
    { set: "istio/overlays/envoy-filter", proxy: SIDECAR },
    { set: "istio/overlays/skip-unsampled", proxy: SIDECAR },
    { set: "istio/overlays/otlp-log", proxy: GATEWAY },
    { set: "istio/trace-context", proxy: SIDECAR },
  ])("finds no error in $set for a $proxy.type", async ({ set, proxy }) => {
    const mesh = await enter({ set, values: VALUES, proxy });
    expect((await mesh.proxy.request(mesh.port, {})).status).toBe(200);
    const findings = await examine(mesh.proxy);
    expect(findings.map(({ severity, id, found, where }) => `${severity} ${id} ${found} at ${where.join("; ")}`)).toEqual([]);
  });
});
