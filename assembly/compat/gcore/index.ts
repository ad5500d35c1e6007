/** `@gcoredev/proxy-wasm-sdk-as/assembly` 1.2.3, with what it had before 1.0 and has in `fastedge` since. */
export * from "../common";
export * from "../solo/contexts";
export { getCurrentTime, getEnvVar, getSecretVar, getSecretVarEffectiveAt, log, setLogLevel } from "./fastedge";
export { get_property, set_property } from "./properties";
export { globalArrayBufferReference } from "./reference";
