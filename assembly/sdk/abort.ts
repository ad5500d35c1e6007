/**
 * What a trap says first. AssemblyScript calls `abort` when a filter throws, an array index is out of range or an assertion fails;
 * the build binds that call to this function (`--use abort=…`), because Envoy has no `env.abort`.
 */
import { LogLevel } from "../abi/enums";
import { decimal } from "../std/decimal";
import { log } from "./log";

/** Logs `message (file:line:column)` as critical, then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const where = (file == null ? "unknown" : file) + ":" + decimal(line) + ":" + decimal(column);
  log.write(LogLevel.Critical, "abort: " + (message == null ? "trap" : message) + " (" + where + ")");
  unreachable();
}
