import { byTrace, type OtlpReceiver, type Span } from "meshwright/testing";
import type { Mesh } from "./mesh.ts";
import { tree } from "./spans.ts";

/** How long a trace must be silent before it is drawn; its last span comes within Envoy's flush interval of 100 ms. */
const SILENCE_MS = 500;

/** Leaves the mesh running until Ctrl-C, and draws the traces of what the user sends. */
export async function keep(mesh: Mesh, receiver: OtlpReceiver, until: Promise<void>): Promise<void> {
  console.log("\nThe mesh keeps running with Envoy's tracer on; Ctrl-C stops it. Traces of your requests appear below.");
  for (const { service, envoy } of mesh.sidecars) {
    console.log(`  ${service.name.padEnd(14)} ingress ${envoy.url("ingress")}  egress ${envoy.url("egress")}  admin ${envoy.adminUrl}`);
  }
  console.log(`\n  curl -H 'x-user-id: u42' -H 'x-tenant-id: acme' ${mesh.url}/checkout`);
  console.log(`  curl -H 'x-user-id: u7' -H 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' ${mesh.url}/checkout`);
  console.log(`  curl ${mesh.sidecars[0]?.envoy.adminUrl}/stats?filter=wasm\n`);

  let arrived: Span[] = [];
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    for (const spans of byTrace(arrived).values()) console.log(`${tree(spans).join("\n")}\n`);
    arrived = [];
    receiver.clear();
  };
  const stop = receiver.follow(span => {
    arrived.push(span);
    clearTimeout(timer);
    timer = setTimeout(draw, SILENCE_MS);
  });
  await until;
  clearTimeout(timer);
  stop();
}
