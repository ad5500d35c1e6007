/** `@kong/proxy-wasm-sdk` 0.0.6: solo's, with the properties of Kong's gateway. */
export * from "../common";
export { log, set_property } from "../hostcalls";
export * from "../solo/contexts";
export { get_property } from "./properties";
