import { stringify } from "yaml";
import type { Check } from "../check.ts";
import { tracingOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import { at } from "../json.ts";
import { carriesTraffic } from "../proxy.ts";

const EXTENSION = {
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig",
    pack_trace_reason: true,
    use_request_id_for_trace_sampling: true,
  },
};

/** x-request-id carries Envoy's decision to trace, and joins the log lines of a request. */
export const requestIds: Check = ({ proxy }) =>
  proxy.managers.filter(carriesTraffic).flatMap((manager): Report[] => {
    const { config, where, direction } = manager;
    const isTraced = tracingOf(manager, proxy).provider !== null;
    const extension = at(config, "request_id_extension", "typed_config");
    const reports: Report[] = [];
    if (isTraced && config.generate_request_id === false) {
      const found = "generate_request_id: false; a request without x-request-id is not traced, and its log lines do not join";
      reports.push({
        id: "request-id-off",
        where,
        found,
        mend: "take generate_request_id away, which means true",
        change: stringify({ generate_request_id: true }),
      });
    }
    if (isTraced && extension.pack_trace_reason === false) {
      const found = "pack_trace_reason: false; x-request-id does not tell the next Envoys whether the request is traced";
      const change = stringify({ request_id_extension: EXTENSION });
      reports.push({ id: "request-id-not-packed", where, found, mend: "take pack_trace_reason away, which means true", change });
    }
    if (config.preserve_external_request_id === true && direction !== "OUTBOUND") {
      const found = "preserve_external_request_id: true; whoever calls chooses x-request-id, and with it whether the request is traced";
      const change = stringify({ preserve_external_request_id: false });
      reports.push({ id: "request-id-foreign", where, found, mend: "at an edge, let Envoy make the id", change });
    }
    // Istio calls a gateway's listeners OUTBOUND, and there it is right.
    const isSidecar = proxy.managers.some(each => each.direction === "INBOUND");
    if (config.use_remote_address === true && direction === "OUTBOUND" && isSidecar) {
      const found =
        "use_remote_address: true on an egress listener; of a request from a public address Envoy replaces x-request-id, and with it the decision to trace";
      const change = stringify({ use_remote_address: false });
      reports.push({ id: "remote-address-egress", where, found, mend: "leave use_remote_address to the edge", change });
    }
    return reports;
  });
