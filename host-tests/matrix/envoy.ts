import type { AccessLogEntry, EchoedRequest, EchoServer, EnvoySpec, RunningEnvoy, Update } from "../envoy/index.ts";
import { startEcho, startEnvoy } from "../envoy/index.ts";
import { refuseUpdate } from "./refuse-update.ts";
import type { HostListener, HostRequest, HostResponse, HostSpec, HostUpstream, ProxyHost, RunningHost, UpstreamOptions } from "./types.ts";

const DRAIN_S = 2;

/** The real Envoy behind the interface of scenarios. */
export class RealHost implements ProxyHost {
  readonly kind = "envoy";
  readonly version: string;
  readonly #keep: <T extends { stop(): Promise<void> }>(started: T) => T;
  readonly #echoes: EchoServer[] = [];
  readonly #errors: unknown[] = [];

  /** `keep` sees to it that what was started ends. */
  constructor(version: string, keep: <T extends { stop(): Promise<void> }>(started: T) => T) {
    this.version = version;
    this.#keep = keep;
  }

  async upstream({ respond }: UpstreamOptions = {}): Promise<HostUpstream> {
    // A server has nobody to throw at; the request during which it happened does.
    const told: UpstreamOptions["respond"] = request => {
      try {
        return respond?.(request);
      } catch (error) {
        this.#errors.push(error);
        throw error;
      }
    };
    const server = this.#keep(await startEcho({ respond: told }));
    this.#echoes.push(server);
    return server;
  }

  async start(spec: HostSpec): Promise<RunningHost> {
    const config = withAttributes(spec);
    const envoy = this.#keep(
      await startEnvoy({ version: this.version, config, drainTimeS: DRAIN_S, drainStrategy: "immediate", componentLogLevel: "wasm:info" }),
    );
    return new RunningReal(envoy, spec, this.#echoes, this.#errors);
  }
}

const SHOWN = "span attribute ";

/** Span attributes are seen in the access log: a response does not carry them. */
function withAttributes(spec: HostSpec): EnvoySpec {
  return {
    ...spec,
    listeners: spec.listeners.map(({ spanAttributes, ...listener }) => {
      if (!spanAttributes) return listener;
      const shown = spanAttributes.map(name => [`${SHOWN}${name}`, `%FILTER_STATE(wasm.span.attributes.${name}:PLAIN)%`]);
      return { ...listener, accessLog: { json: { ...listener.accessLog?.json, ...Object.fromEntries(shown) } } };
    }),
  };
}

class RunningReal implements RunningHost {
  readonly kind = "envoy";
  readonly version: string;
  readonly envoy: RunningEnvoy;
  readonly #echoes: readonly EchoServer[];
  readonly #errors: unknown[];
  #spec: HostSpec;
  #listeners: Map<string, HostListener>;
  #sent = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(envoy: RunningEnvoy, spec: HostSpec, echoes: readonly EchoServer[], errors: unknown[]) {
    this.envoy = envoy;
    this.version = envoy.version;
    this.#echoes = echoes;
    this.#errors = errors;
    this.#spec = spec;
    this.#listeners = new Map(spec.listeners.map(listener => [listener.name, listener]));
  }

  /** Where the answer has to be matched with the upstream's or the access log's view, requests go one after the other. */
  request(listener: string, options: HostRequest = {}): Promise<HostResponse> {
    const send = (): Promise<HostResponse> => this.#request(listener, options);
    const result = this.#turn.then(send, send);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #request(listener: string, options: HostRequest): Promise<HostResponse> {
    const echoes = this.#behind(listener);
    const before = echoes.map(({ requests }) => requests.length);
    const response = await this.envoy.request(listener, options).finally(() => {
      for (const error of this.#errors.splice(0)) throw error;
    });
    const upstream = echoes.flatMap<EchoedRequest>(({ requests }, index) => requests.slice(before[index])).at(-1) ?? null;
    const headers = response.headers.map(([name, value]): [string, string] => [name.toLowerCase(), value]);
    return { ...response, headers, upstream, spanAttributes: await this.#attributes(listener) };
  }

  /** The upstreams that requests are routed to; what only filters call is none of them. */
  #behind(listener: string): readonly EchoServer[] {
    const { clusters = [] } = this.#spec;
    const { routes, hcm } = this.#listeners.get(listener) ?? {};
    if (hcm || routes?.some(({ route }) => route)) return this.#echoes;
    const names = routes ? routes.map(({ cluster }) => cluster) : clusters.slice(0, 1).map(({ name }) => name);
    const urls = clusters.filter(({ name }) => names.includes(name)).map(({ url }) => new URL(url).origin);
    return this.#echoes.filter(({ url }) => urls.includes(new URL(url).origin));
  }

  async #attributes(listener: string): Promise<Record<string, string | null>> {
    const names = this.#listeners.get(listener)?.spanAttributes;
    if (!names) return {};
    const count = (this.#sent.get(listener) ?? 0) + 1;
    this.#sent.set(listener, count);
    const entry = (await this.envoy.waitForAccessLog(count, listener))[count - 1] ?? {};
    return Object.fromEntries(names.map(name => [name, (entry[`${SHOWN}${name}`] ?? null) as string | null]));
  }

  logs(pattern?: RegExp | string): Promise<string[]> {
    return this.envoy.logs(pattern);
  }

  waitForLog(pattern: RegExp | string): Promise<string> {
    return this.envoy.waitForLog(pattern);
  }

  async accessLog(listener: string): Promise<AccessLogEntry[]> {
    return (await this.envoy.accessLog(listener)).map(hideAttributes);
  }

  async waitForAccessLog(count: number, listener: string): Promise<AccessLogEntry[]> {
    return (await this.envoy.waitForAccessLog(count, listener)).map(hideAttributes);
  }

  metric(name: string): Promise<number> {
    return this.envoy.stat(`wasmcustom.${name}`);
  }

  async update(spec: HostSpec): Promise<Update> {
    refuseUpdate(this.#spec, spec);
    const update = await this.envoy.update(withAttributes(spec));
    if (update.accepted) {
      this.#spec = spec;
      this.#listeners = new Map(spec.listeners.map(listener => [listener.name, listener]));
    }
    return update;
  }

  drained(): Promise<void> {
    return this.envoy.drained();
  }

  async pass(milliseconds: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, milliseconds));
  }

  async setLogLevel(level: string): Promise<void> {
    await this.envoy.adminPost(`/logging?wasm=${level}`);
  }

  stop(): Promise<void> {
    return this.envoy.stop();
  }
}

function hideAttributes(entry: AccessLogEntry): AccessLogEntry {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !key.startsWith(SHOWN)));
}
