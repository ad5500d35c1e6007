/** `@solo-io/proxy-runtime` 0.1.15, what 0.1.8 and older ones have beyond it, and what Kong's copy adds. */
export * from "../common";
export { get_property, log, set_property } from "../hostcalls";
export * from "./contexts";
