import { stringify } from "yaml";

/** Where things are on this machine that would be elsewhere in a mesh. */
export interface Ports {
  /** On which the proxy serves. */
  readonly proxy: number;
  readonly application: number;
  /** OTLP over gRPC. */
  readonly collector: number;
}

const object = (apiVersion: string, kind: string, namespace: string, name: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { namespace, name },
  spec,
});
const networking = (kind: string, namespace: string, name: string, spec: object) =>
  object("networking.istio.io/v1", kind, namespace, name, spec);

/** The collector that helm/values.yaml names. No certificates here, so no mutual TLS. */
function common(namespace: string, { collector }: Ports): object[] {
  return [
    object("security.istio.io/v1", "PeerAuthentication", namespace, "default", { mtls: { mode: "DISABLE" } }),
    service("observability", "opentelemetry-collector", { number: 4317, name: "grpc-otlp", protocol: "GRPC" }, collector),
  ];
}

/** A service whose only endpoint is here, under its name in the cluster. */
function service(namespace: string, name: string, port: { number: number; name: string; protocol: string }, at: number): object {
  return networking("ServiceEntry", namespace, name, {
    hosts: [`${name}.${namespace}.svc.cluster.local`],
    location: "MESH_EXTERNAL",
    resolution: "DNS",
    ports: [port],
    endpoints: [{ address: "127.0.0.1", ports: { [port.name]: at } }],
  });
}

/** What a sidecar needs to serve: a listener that it binds itself, because nothing redirects connections here. */
export function aroundSidecar(namespace: string, ports: Ports): string {
  const ingress = {
    port: { number: ports.proxy, name: "http", protocol: "HTTP" },
    bind: "127.0.0.1",
    captureMode: "NONE",
    defaultEndpoint: `127.0.0.1:${ports.application}`,
  };
  return documents([...common(namespace, ports), networking("Sidecar", namespace, "here", { ingress: [ingress] })]);
}

/** What a gateway needs to serve: a server and a route. Istio's own API, so that no controller of the Gateway API has to run. */
export function aroundGateway(namespace: string, labels: Readonly<Record<string, string>>, ports: Ports): string {
  const server = { port: { number: ports.proxy, name: "http", protocol: "HTTP" }, hosts: ["*"] };
  const destination = { host: "shop.shop.svc.cluster.local", port: { number: 80 } };
  return documents([
    ...common(namespace, ports),
    service("shop", "shop", { number: 80, name: "http", protocol: "HTTP" }, ports.application),
    networking("Gateway", namespace, "here", { selector: labels, servers: [server] }),
    networking("VirtualService", namespace, "here", { hosts: ["*"], gateways: ["here"], http: [{ route: [{ destination }] }] }),
  ]);
}

/** What a gateway that has routes of its own needs: a service with two versions. */
export function aroundRoutes(namespace: string, version: Readonly<Record<string, number>>, ports: Ports): string {
  const endpoints = Object.entries(version).map(([name, at]) => ({ address: "127.0.0.1", ports: { http: at }, labels: { version: name } }));
  const entry = networking("ServiceEntry", "shop", "shop", {
    hosts: ["shop.shop.svc.cluster.local"],
    location: "MESH_EXTERNAL",
    resolution: "DNS",
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    endpoints,
  });
  return documents([...common(namespace, ports), entry]);
}

const documents = (objects: readonly object[]): string => objects.map(each => stringify(each, { version: "1.1" })).join("---\n");
