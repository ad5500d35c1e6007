import { byTrace, type Look, type LookLog, type OtlpReceiver, type Span, startLook } from "meshwright/testing";
import type { Mesh } from "./mesh.ts";
import { tree } from "./spans.ts";

/** How long a trace must be silent before it is drawn; its last span comes within Envoy's flush interval of 100 ms. */
const SILENCE_MS = 500;

/** What the page keeps of the past. */
const SPANS = 700;
const LINES = 200;

/** Leaves the mesh running until Ctrl-C; draws the traces of what the user sends, here and on a page. */
export async function keep(mesh: Mesh, receiver: OtlpReceiver, until: Promise<void>): Promise<void> {
  let latest: Span[] = [];
  const forget = receiver.follow(span => {
    latest = [...latest, span].slice(-SPANS);
  });
  const page = await showPage(mesh, () => latest);
  console.log("\nThe mesh keeps running with Envoy's tracer on; Ctrl-C stops it. Traces of your requests appear below.");
  for (const { service, envoy } of mesh.sidecars) {
    console.log(`  ${service.name.padEnd(14)} ingress ${envoy.url("ingress")}  egress ${envoy.url("egress")}  admin ${envoy.adminUrl}`);
  }
  console.log(`  page           ${page.url}`);
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
  forget();
  await page.stop();
}

/** The traces as waterfalls, with attributes, log lines and requests by tenant. */
function showPage(mesh: Mesh, spans: () => readonly Span[]): Promise<Look> {
  const [first] = mesh.sidecars;
  return startLook({
    spans,
    services: mesh.sidecars.map(({ service, envoy }) => ({ name: service.name, url: `${envoy.adminUrl}/` })),
    hint: `curl -H 'x-user-id: u42' -H 'x-tenant-id: acme' ${mesh.url}/checkout`,
    logs: async () => (await Promise.all(mesh.sidecars.map(linesOf))).flat(),
    stats: async () => (first ? [await first.envoy.admin("/stats?filter=wasmcustom")] : []),
  });
}

async function linesOf({ service, envoy }: Mesh["sidecars"][number]): Promise<LookLog[]> {
  const logs = await Promise.all(envoy.listeners.map(async listener => ({ listener, entries: await envoy.accessLog(listener) })));
  return logs.flatMap(({ listener, entries }) => entries.slice(-LINES).map(entry => ({ where: `${service.name} ${listener}`, entry })));
}
