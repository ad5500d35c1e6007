import type { SplitConfig } from "./examples.ts";

/** A service whose requests traffic-split divides. */
export interface Divided {
  readonly service: string;
  readonly split: Pick<SplitConfig, "variants" | "route_header">;
}

/** Where the routes and the service are; the filter is in the gateway's namespace. */
export const SERVICES = "shop";
const GATEWAY = { namespace: "istio-ingress", name: "public", selector: { istio: "ingressgateway" } };

/** Routes by the header that traffic-split writes; the first variant takes what has none, as after a crash of the filter. */
export function virtualService({ service, split }: Divided): Record<string, unknown> {
  const [first, ...others] = split.variants.map(({ name }) => name);
  const header = split.route_header ?? "x-variant";
  const to = (variant: string | undefined) => [
    { destination: { host: hostOf(service), ...(others.length > 0 ? { subset: variant } : {}) } },
  ];
  const chosen = others.map(variant => ({ match: [{ headers: { [header]: { exact: variant } } }], route: to(variant) }));
  return networking("VirtualService", SERVICES, service, {
    hosts: [`${service}.example.com`],
    gateways: [`${GATEWAY.namespace}/${GATEWAY.name}`],
    http: [...chosen, { route: to(first) }],
  });
}

/** Where the requests come in. */
export function gateway({ service }: Divided): Record<string, unknown> {
  const { namespace, name, selector } = GATEWAY;
  const port = { number: 80, name: "http", protocol: "HTTP" };
  return networking("Gateway", namespace, name, { selector, servers: [{ port, hosts: [`${service}.example.com`] }] });
}

/** The variants' Pods, by their label `version`; none where there is one variant. */
export function destinationRules({ service, split }: Divided): Record<string, unknown>[] {
  if (split.variants.length === 1) return [];
  const subsets = split.variants.map(({ name }) => ({ name, labels: { version: name } }));
  return [networking("DestinationRule", SERVICES, service, { host: hostOf(service), subsets })];
}

/** In full: a short name would mean the namespace of whatever names it. */
const hostOf = (service: string): string => `${service}.${SERVICES}.svc.cluster.local`;

export const networking = (kind: string, namespace: string, name: string, spec: object): Record<string, unknown> => ({
  apiVersion: "networking.istio.io/v1",
  kind,
  metadata: { name, namespace },
  spec,
});
