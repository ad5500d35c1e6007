import { createRequire } from "node:module";
import type { Span } from "../otlp/index.ts";
import { type ServedFile, servePage } from "../page/index.ts";
import { page } from "./page.ts";
import { Tenants } from "./tenants.ts";
import { type LookLog, traceViews } from "./traces.ts";
import type { View } from "./view.ts";

export interface LookOptions {
  /** The latest spans that there are by now. */
  spans(): readonly Span[];
  /** Shown with their addresses. */
  readonly services: readonly { readonly name: string; readonly url: string }[];
  /** A command to try, shown on the page. */
  readonly hint: string;
  /** All lines of the access logs that there are by now. */
  logs(): Promise<LookLog[]>;
  /** `/stats` of the Envoys that run `tenant-metrics`. */
  stats(): Promise<string[]>;
  readonly port?: number | undefined;
}

export interface Look {
  readonly url: string;
  stop(): Promise<void>;
}

const TRACES = 50;
const LOOK_EVERY_MS = 1000;

/** Serves a page, to browsers on this machine, with traces as waterfalls, their attributes and log lines, and requests by tenant. */
export async function startLook(options: LookOptions): Promise<Look> {
  const { spans, services, hint, logs, stats, port = 0 } = options;
  const tenants = new Tenants();
  let shown = "";
  let stopped = false;
  const look = async (): Promise<void> => {
    tenants.add(Math.round(Date.now() / 1000), await stats());
    const view: View = { services, hint, traces: traceViews(spans(), await logs(), TRACES), tenants: tenants.view() };
    shown = `data: ${JSON.stringify(view)}\n\n`;
  };
  await look();
  const server = await servePage({ html: page, events: () => shown, files: servedFiles(), port });
  const running = (async () => {
    while (!stopped) {
      await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS));
      // An Envoy that is just ending has no answer; the next look is soon.
      if (!stopped)
        await look().then(
          () => server.send(shown),
          () => {},
        );
    }
  })();
  return {
    url: server.url,
    stop: async () => {
      stopped = true;
      await running;
      await server.stop();
    },
  };
}

/** Our own script, and the chart library from its package. */
function servedFiles(): ReadonlyMap<string, ServedFile> {
  const { resolve } = createRequire(import.meta.url);
  return new Map([
    ["/look.js", { path: resolve("meshwright/look"), type: "text/javascript" }],
    ["/uplot.js", { path: resolve("uplot/dist/uPlot.esm.js"), type: "text/javascript" }],
    ["/uplot.css", { path: resolve("uplot/dist/uPlot.min.css"), type: "text/css" }],
  ]);
}
