/** `fastedge` of `@gcoredev/proxy-wasm-sdk-as`, as far as Envoy has what it needs. */
import { LogLevelValues } from "../enums";
import { variable } from "../environment";
import { get_current_time_nanoseconds, log as hostLog } from "../hostcalls";

export { KvStore, ValueScoreTuple } from "./kv-store";
export { ItemParser, parseBufferToList, StringParser } from "./list-parser";
export { LogLevelValues };

let lowest: LogLevelValues = LogLevelValues.info;

/** The lowest level that `log` writes; the host's own level holds besides. */
export function setLogLevel(level: LogLevelValues): void {
  lowest = level;
}

/** Writes with its level; the original writes to the standard output, which is level info to Envoy. */
export function log(level: LogLevelValues, logMessage: string): void {
  if (level >= lowest) hostLog(level, logMessage);
}

/** Milliseconds since 1970. */
export function getCurrentTime(): u64 {
  return get_current_time_nanoseconds() / 1_000_000;
}

/** A variable that the VM's configuration grants; "" when there is none. */
export function getEnv(name: string): string {
  return variable(name);
}

/** The old name of `getEnv`. */
export function getEnvVar(name: string): string {
  return getEnv(name);
}

/** Envoy has no dictionary beside the environment, so the value comes from there. */
export function getDictionary(name: string): string {
  return getEnv(name);
}

/** Envoy gives secrets to a filter in its environment: grant the variable from a secret in `vm_config`, or in Istio's `vmConfig.env`. */
export function getSecret(name: string): string {
  return getEnv(name);
}

/** The environment has one value of a secret, for all times. */
export function getSecretEffectiveAt(name: string, effectiveAt: u32): string {
  return getEnv(name);
}

export function getSecretVar(name: string): string {
  return getEnv(name);
}

export function getSecretVarEffectiveAt(name: string, effectiveAt: u32): string {
  return getEnv(name);
}
