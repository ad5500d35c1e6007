/**
 * The host's log. A message up to info that is below the host's level costs one cheap question for the level in a callback and nothing more;
 * build an expensive message only when `log.enabled` says so.
 */
import { LogLevel } from "../abi/enums";
import { proxy_get_log_level, proxy_log } from "../abi/hostcalls";
import { allocate, OUT } from "../abi/memory";
import { encodeUtf8, utf8Length } from "../std/utf8";
import { callbackCount } from "./lifecycle";

let level: u32 = LogLevel.Info;
let levelAskedIn: u32 = 0xffffffff;

/** Writes to the log of the host, with a level. Valid in every callback. Spec: v0.2.1 #proxy_log */
export class log {
  /** Whether the host would write a message of this level. Its level can change while it runs; it is asked once in a callback. */
  static enabled(at: LogLevel): bool {
    // At the top level of a module, before the first callback, the host lets it log but not ask.
    if (callbackCount == 0) return true;
    if (levelAskedIn != callbackCount) {
      levelAskedIn = callbackCount;
      // A host that does not answer gets every message: it filters by itself.
      level = proxy_get_log_level(OUT) == 0 ? load<u32>(OUT) : LogLevel.Trace;
    }
    return <u32>at >= level;
  }

  /** Writes `message` with level trace. */
  static trace(message: string): void {
    log.write(LogLevel.Trace, message);
  }

  /** Writes `message` with level debug. */
  static debug(message: string): void {
    log.write(LogLevel.Debug, message);
  }

  /** Writes `message` with level info. */
  static info(message: string): void {
    log.write(LogLevel.Info, message);
  }

  /** Writes `message` with level warn. */
  static warn(message: string): void {
    log.write(LogLevel.Warn, message);
  }

  /** Writes `message` with level error. */
  static error(message: string): void {
    log.write(LogLevel.Error, message);
  }

  /** Writes `message` with level critical. */
  static critical(message: string): void {
    log.write(LogLevel.Critical, message);
  }

  /** Writes `message` with the level `at`; nothing when the host would not write it. Warnings and above mostly are written, so nobody asks first. */
  static write(at: LogLevel, message: string): void {
    if (at < LogLevel.Warn && !log.enabled(at)) return;
    const size = utf8Length(message);
    const bytes = allocate(size);
    if (bytes == 0) return;
    encodeUtf8(message, bytes);
    proxy_log(at, bytes, size);
  }
}
