import { type Check, type Patient, statsAbove0 } from "../check.ts";
import type { Report } from "../finding.ts";

const ISTIO = "istioctl proxy-status and istioctl analyze tell what istiod sent and what it thinks of it";

/** Whether the proxy runs the configuration that it was sent. */
export const updates: Check = patient => {
  const { proxy } = patient;
  const rejected = proxy.rejected.map(({ where, details }): Report => {
    const mend = `correct what it names and send it again; the version before it stays in force meanwhile, or none. ${ISTIO}`;
    return { id: "config-rejected", where, found: `the last update was refused: ${details}`, mend };
  });
  return [...rejected, ...counted(patient), ...warming(patient), ...connection(patient), ...state(patient)];
};

function counted({ snapshot, proxy }: Patient): Report[] {
  const pattern =
    /(listener_manager\.lds|cluster_manager\.cds|.*\.rds\.[^.]+(?:\.[^.]+)*|extension_config_discovery\..+|sds\..+|cluster\..+)\.(update_rejected|update_failure|init_fetch_timeout)/;
  return statsAbove0(snapshot, pattern).flatMap(({ name, value, groups: [subscription = "", what = ""] }): Report[] => {
    // A cluster counts its DNS queries under the same name; a listener that is still refused has been told above.
    if (/^cluster\./.test(subscription) && !/\.eds$/.test(subscription) && what !== "update_rejected") return [];
    if (subscription === "listener_manager.lds" && proxy.rejected.length > 0) return [];
    const accepted = snapshot.stats?.get(`${subscription}.update_success`) ?? 0;
    // A watched file is there before anybody watches it.
    const severity = accepted === 0 ? "error" : "warning";
    const found = `${value} of the updates since the start ${what === "update_rejected" ? "were refused" : "did not come through"}, ${accepted} were accepted`;
    const mend = `Envoy's log has the reason of each, after "config update rejected". ${ISTIO}`;
    return [{ id: "config-updates-refused", severity, where: `stat ${name}`, found, mend }];
  });
}

function warming({ snapshot, proxy }: Patient): Report[] {
  const gauges = statsAbove0(snapshot, /listener_manager\.total_listeners_warming|cluster_manager\.warming_clusters/);
  const known = proxy.warming.length > 0 ? proxy.warming : gauges.map(({ name, value }) => `${name} ${value}`);
  return known.map(where => {
    const mend =
      "what it waits for has not come: endpoints (EDS), routes (RDS), a secret (SDS) or a filter (ECDS); look at the same proxy's refused updates, and whether the name exists";
    return { id: "config-warming", where, found: "it waits for something before it is used", mend };
  });
}

function connection({ snapshot }: Patient): Report[] {
  if (snapshot.stats?.get("control_plane.connected_state") !== 0) return [];
  const found = "control_plane.connected_state 0: the proxy gets no updates, and runs what it had";
  const mend = "see that istiod or the management server runs and can be reached, and that the proxy's certificate is valid";
  return [{ id: "control-plane-lost", where: "control plane", found, mend }];
}

function state({ snapshot }: Patient): Report[] {
  const { state } = snapshot.serverInfo ?? {};
  if (state === undefined || state === "LIVE") return [];
  const found = `${String(state)}: ${state === "DRAINING" ? "it ends, or its health check was made to fail" : "it does not take requests yet"}`;
  const mend =
    "PRE_INITIALIZING and INITIALIZING: it waits for clusters or the management server; DRAINING: POST /healthcheck/ok, or let it end";
  return [{ id: "server-not-live", where: "server", found, mend }];
}
