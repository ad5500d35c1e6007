import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import type { Listening } from "../oci/listen.ts";
import { temporaryFolder } from "../oci/matrix.ts";
import type { MeshProxy } from "./checker.ts";
import { filters } from "./filters.ts";
import { enterMesh, type Member, type Mesh, type Shared } from "./mesh.ts";
import { type Pushed, push, startRegistry } from "./registry.ts";

export const SIDECAR: MeshProxy = {
  type: "sidecar",
  version: "1.31.0",
  namespace: "shop",
  cluster: "checkout.shop",
  labels: { app: "checkout", version: "v7" },
};
export const GATEWAY: MeshProxy = {
  type: "router",
  version: "1.31.0",
  namespace: "istio-ingress",
  cluster: "edge.istio-ingress",
  labels: { "gateway.networking.k8s.io/gateway-name": "edge", version: "v7" },
};
export const VALUES = "istio/helm/values.yaml";

/** Puts a proxy of the mesh before an application. */
type Enter = (member: Member, how?: { unpullable?: boolean }) => Promise<Mesh>;

/** Tests on real Envoys, with all filters in a registry from which Istio's agent pulls them. */
export function describeMesh(name: string, versions: readonly string[], body: (enter: Enter, envoy: EnvoySuite) => void): void {
  describeEnvoy(name, { versions }, (envoy: EnvoySuite) => {
    const folder = temporaryFolder();
    const images = new Map<string, Pushed>();
    const shared: Shared = { images, cache: join(folder, "agent") };
    let registry: Listening;
    beforeAll(async () => {
      mkdirSync(shared.cache);
      registry = await startRegistry(join(folder, "registry"));
      for (const filter of filters()) images.set(filter, await push(registry, filter));
    });
    afterAll(() => registry?.stop());
    body(
      (member, { unpullable } = {}) => enterMesh(envoy, member, unpullable ? { ...shared, images: withWrongDigests(images) } : shared),
      envoy,
    );
  });
}

function withWrongDigests(images: ReadonlyMap<string, Pushed>): ReadonlyMap<string, Pushed> {
  return new Map([...images].map(([name, pushed]) => [name, { ...pushed, digest: "0".repeat(64) }]));
}
