import { EnvoyStartError, startReceiver } from "meshwright/testing";
import ora from "ora";
import { keep } from "./keep.ts";
import { marks, showLogs } from "./logs.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { showSpans } from "./spans.ts";
import { type Sent, SHOTS, send } from "./traffic.ts";
import { ClaimError } from "./verify.ts";

/** Ctrl-C at any moment: everything that was started is stopped, then the process ends. */
let interrupt: () => void = () => {};
const interrupted = new Promise<void>(resolve => {
  interrupt = resolve;
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);

async function main(closers: (() => Promise<void>)[]): Promise<void> {
  const progress = ora("starting three services, each behind an Envoy of its own").start();
  try {
    const receiver = await startReceiver({ host: "127.0.0.1" });
    closers.push(() => receiver.stop());
    const mesh = await startMesh(receiver, line => {
      progress.info(line).start("starting three services, each behind an Envoy of its own");
    });
    closers.push(() => mesh.stop());
    progress.succeed("frontend → user-service → order-service run, each behind an Envoy with mesh-telemetry");

    progress.start("sending traffic, Envoy's tracer on");
    const first = await sendAll(mesh);
    progress.succeed(`${first.length} requests, Envoy's OpenTelemetry tracer on: spans over OTLP, attributes by mesh-telemetry`);
    await showSpans(receiver, first);
    console.log(
      "\n  Envoy refuses the malformed header and exports no span for that hop; mesh-telemetry starts a new trace, so the rest is whole.",
    );

    console.log("");
    progress.start("replacing the listeners of the running Envoys: tracer off, ids by mesh-telemetry");
    receiver.clear();
    await Promise.all(mesh.sidecars.map(({ switchTracer }) => switchTracer("off")));
    const before = await marks(mesh);
    const second = await sendAll(mesh);
    progress.succeed(`${second.length} requests, Envoy's tracer off: no spans; the access logs carry the trace`);
    await showLogs(mesh, before, second);
    const stray = receiver.spans().length;
    if (stray > 0) throw new ClaimError(`${stray} spans arrived although the tracer is off`);
    console.log(
      "\n  No spans, no collector: one trace id in the access logs of all three, a new span id at each hop, the same attributes.",
    );

    console.log("");
    progress.succeed("verified: one trace id over all three services, with user.id, tenant.id, app.version and cluster.name at every hop");
    if (process.argv.includes("--keep")) {
      await Promise.all(mesh.sidecars.map(({ switchTracer }) => switchTracer("on")));
      receiver.clear();
      const kept = keep(mesh, receiver, interrupted);
      // So that there is something to see.
      await sendAll(mesh);
      await kept;
    }
  } finally {
    progress.stop();
  }
}

async function sendAll(mesh: Mesh): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const shot of SHOTS) sent.push(await send(mesh.url, shot));
  return sent;
}

const closers: (() => Promise<void>)[] = [];
const work = main(closers).then(
  () => 0,
  (error: unknown) => {
    // What a claim or Envoy says is complete without a stack; anything else is a bug.
    const told = error instanceof ClaimError || error instanceof EnvoyStartError;
    console.error(`demo: ${told ? error.message : error instanceof Error ? error.stack : String(error)}`);
    return 1;
  },
);
const keeping = process.argv.includes("--keep");
const outcome = await Promise.race([work, interrupted.then(() => (keeping ? work : 130))]);
for (const close of closers.reverse()) await close();
process.exit(outcome);
