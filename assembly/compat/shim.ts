/**
 * Globals as wasi-shim brings them to filters for Gcore. The standard library's `process` has no streams, and its `console`, `crypto` and `trace`
 * are imports that Envoy lacks. The build has the compiler take these for the globals of their names, so programs without them have none of it.
 */
import { random_get } from "../abi/hostcalls";
import { log as hostLog } from "../sdk/log";
import { decimal } from "../std/decimal";
import { textOf } from "./bytes";
import { dateNow, performanceNow, processEnv } from "./globals";

/** A stream of the process: its lines go to the host's log. */
// @ts-ignore: decorator
@unmanaged
class Output {
  /** Writes a line, whose end may be left out: the log has no unfinished ones. */
  write<T>(data: T): void {
    if (isString<T>()) writeLine(changetype<usize>(this), changetype<string>(data));
    else if (data instanceof ArrayBuffer) writeLine(changetype<usize>(this), textOf(changetype<ArrayBuffer>(data)));
    else ERROR("string or ArrayBuffer expected");
  }

  close(): void {}
}

const STDOUT: usize = 1;
const STDERR: usize = 2;

function writeLine(stream: usize, text: string): void {
  const line = text.endsWith("\n") ? text.substring(0, text.length - 1) : text;
  if (line.length == 0) return;
  if (stream == STDERR) hostLog.error(line);
  else hostLog.info(line);
}

export class process {
  // @ts-ignore: decorator
  @lazy static readonly arch: string = "wasm32";
  // @ts-ignore: decorator
  @lazy static readonly platform: string = "wasm";
  /** Envoy starts modules without arguments. */
  // @ts-ignore: decorator
  @lazy static readonly argv: string[] = [];
  // @ts-ignore: decorator
  @lazy static readonly env: Map<string, string> = lazyEnv();
  // @ts-ignore: decorator
  @lazy static exitCode: i32 = 0;
  // @ts-ignore: decorator
  @lazy static readonly stdout: Output = changetype<Output>(STDOUT);
  // @ts-ignore: decorator
  @lazy static readonly stderr: Output = changetype<Output>(STDERR);

  /** Ends the VM, as every trap does. */
  static exit(code: i32 = process.exitCode): void {
    throw new Error("process.exit " + decimal(code));
  }

  /** Milliseconds since 1970. */
  static time(): i64 {
    return <i64>dateNow();
  }

  /** Nanoseconds, for differences. */
  static hrtime(): u64 {
    return <u64>(performanceNow() * 1e6);
  }
}

/** A function of its own, which the build looks for: see needs.ts. */
function lazyEnv(): Map<string, string> {
  return processEnv();
}

export class console {
  /** When each timer began. */
  // @ts-ignore: decorator
  @lazy private static readonly timers: Map<string, f64> = new Map();

  static assert<T>(condition: T, message: string = ""): void {
    if (!condition) hostLog.error("Assertion failed: " + message);
  }

  static log(message: string = ""): void {
    hostLog.info(message);
  }

  static info(message: string = ""): void {
    hostLog.info(message);
  }

  static debug(message: string = ""): void {
    hostLog.debug(message);
  }

  static warn(message: string = ""): void {
    hostLog.warn(message);
  }

  static error(message: string = ""): void {
    hostLog.error(message);
  }

  static time(label: string = "default"): void {
    if (console.timers.has(label)) hostLog.warn("Label '" + label + "' already exists for console.time()");
    else console.timers.set(label, performanceNow());
  }

  static timeLog(label: string = "default"): void {
    if (console.timers.has(label)) hostLog.info(label + ": " + decimal(<i64>(performanceNow() - console.timers.get(label))) + "ms");
    else hostLog.warn("No such label '" + label + "' for console.time()");
  }

  static timeEnd(label: string = "default"): void {
    console.timeLog(label);
    console.timers.delete(label);
  }
}

export class crypto {
  /** Fills an array from the host's entropy. */
  static getRandomValues(array: Uint8Array): void {
    if (random_get(array.dataStart, array.byteLength) != 0) throw new Error("crypto.getRandomValues: the host gives no random bytes");
  }
}

export function trace(message: string, n: i32 = 0, a0: f64 = 0, a1: f64 = 0, a2: f64 = 0, a3: f64 = 0, a4: f64 = 0): void {
  let text = "trace: " + message;
  if (n > 0) text += " " + a0.toString();
  if (n > 1) text += ", " + a1.toString();
  if (n > 2) text += ", " + a2.toString();
  if (n > 3) text += ", " + a3.toString();
  if (n > 4) text += ", " + a4.toString();
  hostLog.info(text);
}
