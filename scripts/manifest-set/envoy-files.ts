import { type Code, completeEnvoy, type ManifestRequest } from "../manifests/index.ts";
import { type Build, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";
import { ENVOY_CONFIG, ENVOY_IDS_CONFIG, MESH_TAGS, SAMPLING } from "./spec.ts";

const CHANGE = [
  "Change: the address of your service (cluster app), the port, and the module's path: copy build/mesh-telemetry.wasm there.",
  "The filter reads APP_VERSION of Envoy's environment; the VM sees no other variable.",
];
const RESTRICTIONS =
  "From Envoy 1.40 on capability_restriction_config belongs into vm_config; where it stands here it is deprecated, and still read.";
const COLLECTOR_NOTE =
  "Change too: the address of your collector, in its cluster and in uri, which takes OTLP over HTTP, and random_sampling, in percent.";

/** Whole configurations of Envoy. */
export function envoyFiles(build: Build): SetFile[] {
  const code: Code = { from: "file", path: "/etc/envoy/mesh-telemetry.wasm" };
  const file = (name: string, about: readonly string[], more: Partial<ManifestRequest>): SetFile => {
    const request = meshRequest(build, "mesh-telemetry", {
      code,
      config: ENVOY_CONFIG,
      tags: MESH_TAGS,
      sampling: SAMPLING,
      envoyVersion: "1.37",
      ...more,
    });
    return { path: `envoy/${name}.yaml`, about, documents: [completeEnvoy(request)] };
  };
  return [
    file(
      "edge",
      [
        "Envoy at an edge or before a service, with mesh-telemetry: user.id, tenant.id and app.version on each span of Envoy's OpenTelemetry tracer and",
        "in the access log. Envoy 1.37 and later; from 1.39 on the log may have span_id: %SPAN_ID%.",
        RESTRICTIONS,
        ...CHANGE,
        COLLECTOR_NOTE,
      ],
      {},
    ),
    file(
      "otlp-log",
      [
        "edge.yaml with the access log in OTLP: a record for each request to the collector, with the trace id and span id of the span, and its attributes.",
        "Envoy 1.37 and later.",
        RESTRICTIONS,
        ...CHANGE,
        COLLECTOR_NOTE,
      ],
      { logForm: "otlp" },
    ),
    file(
      "without-tracer",
      [
        "Envoy without a tracer, with mesh-telemetry: a valid traceparent on every request, a span id for each hop, both in the access log beside",
        "user.id, tenant.id and app.version. Envoy 1.36 and later.",
        RESTRICTIONS,
        ...CHANGE,
      ],
      { tracer: false, config: ENVOY_IDS_CONFIG },
    ),
    file(
      "old-proxies",
      [
        "edge.yaml for Envoy before 1.37, whose custom tags cannot read filter state: the filter writes request headers, which also travel upstream.",
        ...CHANGE,
        COLLECTOR_NOTE,
      ],
      { envoyVersion: "1.36" },
    ),
  ];
}
