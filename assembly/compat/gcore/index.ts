/** `@gcoredev/proxy-wasm-sdk-as/assembly` 1.2.3. */
export * from "../common";
export * from "../solo/contexts";
export { log, setLogLevel } from "./fastedge";
export { get_property, set_property } from "./properties";
export { globalArrayBufferReference } from "./reference";
