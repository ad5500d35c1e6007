import { type ClientHttp2Session, connect } from "node:http2";
import { statValue } from "../envoy/index.ts";
import type { TypedFilterSpec } from "../envoy-config/index.ts";
import type { RunningEnvoy } from "./envoy.ts";
import { parseRequest } from "./traffic.ts";

const FAULT = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault";
const HOLD = "x-hold";
const STREAMS_PER_CONNECTION = 100;

/** Stands behind the measured filter and keeps requests that ask for it: their streams stay open, with all that filters hold for them. */
export const HOLDING_FILTER: TypedFilterSpec = {
  name: "envoy.filters.http.fault",
  typedConfig: {
    "@type": FAULT,
    delay: { fixed_delay: "86400s", percentage: { numerator: 100, denominator: "HUNDRED" } },
    headers: [{ name: HOLD, string_match: { exact: "1" } }],
  },
};

/** Opens that many streams and resolves when Envoy has them all; what it resolves to ends them. */
export async function holdStreams({ envoy, target }: RunningEnvoy, count: number, request: string): Promise<() => void> {
  const { path, headers } = parseRequest(request);
  const fields = Object.fromEntries(headers.filter(([name]) => name !== "host"));
  const sessions: ClientHttp2Session[] = [];
  let failure: Error | null = null;
  for (let open = 0; open < count; open += STREAMS_PER_CONNECTION) {
    const session = connect(`http://${target.host}:${target.port}`);
    sessions.push(session);
    const fail = (error: Error): void => {
      failure = error;
    };
    session.on("error", fail);
    for (let i = open; i < Math.min(count, open + STREAMS_PER_CONNECTION); i++) {
      session.request({ ":path": path, ...fields, [HOLD]: "1" }).on("error", fail);
    }
  }
  const close = (): void => {
    for (const session of sessions) session.destroy();
  };
  try {
    while ((await statValue(envoy.admin, "http.bench.downstream_rq_active")) < count) {
      if (failure) throw failure;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  } catch (error) {
    close();
    throw error;
  }
  return close;
}
