/**
 * The real Envoy as a test host: one interface for a container and a process of this machine.
 * Loads neither testcontainers (only when a container is started) nor vitest (`describeEnvoy` is in vitest.ts).
 */
export {
  DEFAULT_ENVOY_VERSION,
  type EchoAnswer,
  type EchoedRequest,
  type EchoServer,
  EnvoyStartError,
  KNOWN_ENVOY_VERSIONS,
  LineLog,
} from "../../scripts/envoy/index.ts";
export * from "../../scripts/envoy-config/index.ts";
export { type Look, type LookLog, type LookOptions, startLook } from "../../scripts/look/index.ts";
export * from "../../scripts/otlp/index.ts";
export { chooseRun, type Run } from "./engine.ts";
export { type Load, type LoadOptions, startLoad } from "./load.ts";
export { startEcho, startReceiver } from "./neighbours.ts";
export type { Body } from "./pieces.ts";
export { type EnvoyResponse, type RequestOptions, rawExchange, request } from "./request.ts";
export { type AccessLogEntry, RunningEnvoy, type Update } from "./running.ts";
export { type StartOptions, startEnvoy } from "./start.ts";
