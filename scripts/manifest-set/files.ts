import { envoyFiles } from "./envoy-files.ts";
import { envoyPack } from "./envoy-pack.ts";
import { clusterFiles } from "./example-clusters.ts";
import { exampleFiles } from "./examples.ts";
import { base, spanAttributes, traceContext } from "./istio-base.ts";
import { collector } from "./istio-collector.ts";
import { helmValues } from "./istio-helm.ts";
import { overlays } from "./istio-overlays.ts";
import { requestAuth, tenantMetrics, trafficSplit } from "./istio-pack.ts";
import { linkerd } from "./linkerd.ts";
import type { Build } from "./requests.ts";
import type { SetFile } from "./set-file.ts";

/** Every file of istio/, envoy/ and linkerd/ but their READMEs, and the configurations of examples. */
export function setFiles(build: Build): SetFile[] {
  return [
    ...base(build),
    ...overlays(build),
    ...spanAttributes(build),
    ...traceContext(build),
    ...tenantMetrics(build),
    ...trafficSplit(build),
    ...requestAuth(build),
    ...collector(build),
    ...helmValues(build),
    ...envoyFiles(build),
    ...envoyPack(build),
    ...linkerd(build),
    ...exampleFiles(build),
    ...clusterFiles(build),
  ];
}
