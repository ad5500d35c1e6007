/**
 * Faults on demand: `x-test-fault: delay=250ms,abort=503`, for whoever has a token.
 */
import { HeaderMap, HeaderName, log } from "../../sdk/index";
import { ConfigValue } from "../../std/config";
import { JsonType } from "../../std/json";
import { DIGEST_SIZE, digestOf, sameDigest, writeSha256 } from "../../std/sha256";
import { ABSENT, Slice } from "../../std/slice";
import { sliceToString } from "../../std/utf8";

/** The span attribute that tells which fault a request met. */
export const FAULT_ATTRIBUTE = "fault.injected";

/** `abort=`, `delay=`. */
const NAME_SIZE = 6;
const MAX_DIGITS = 6;
const DIGEST: usize = memory.data(32, 8);

/** Who may have faults, and how. */
export class FaultSettings {
  header: HeaderName = new HeaderName("x-test-fault");
  tokenHeader: HeaderName = new HeaderName("x-test-token");
  /** SHA-256 of each token. Without any, nobody may. */
  tokens: StaticArray<u8>[] = [];
  maxDelay: u32 = 10_000;

  static read(value: ConfigValue): FaultSettings | null {
    if (!value.present || !value.allow(["header", "token_header", "tokens_sha256", "max_delay_ms"])) return null;
    const settings = new FaultSettings();
    settings.header = new HeaderName(value.get("header").headerName("x-test-fault"));
    settings.tokenHeader = new HeaderName(value.get("token_header").headerName("x-test-token"));
    settings.maxDelay = value.get("max_delay_ms").integer(10_000, 1, 600_000);
    const tokens = value.get("tokens_sha256");
    const items = tokens.items();
    if (items.length == 0 && (!tokens.present || tokens.type == JsonType.Array)) tokens.expected("at least one SHA-256 digest of a token");
    for (let i = 0; i < items.length; i++) {
      const digest = digestOf(items[i].string(""));
      if (digest == null) items[i].expected("64 hexadecimal digits");
      else settings.tokens.push(digest);
    }
    return settings;
  }

  /** Whether a token is one of those; all of them are compared, in full. */
  accepts(token: Slice): bool {
    writeSha256(DIGEST, token);
    let known = false;
    for (let i = 0; i < this.tokens.length; i++) if (sameDigest(changetype<usize>(this.tokens[i]), DIGEST)) known = true;
    return known;
  }
}

/** One fault: a delay in milliseconds, then a status; 0 stands for none. */
export class Fault {
  delay: u32 = 0;
  status: u32 = 0;

  constructor(readonly text: string) {}
}

/** The fault that a request asks for and may have, or null. What asked for it goes no further, whoever sent it. */
export function faultOf(settings: FaultSettings | null, headers: HeaderMap): Fault | null {
  if (settings == null) return null;
  const wanted = headers.viewOf(settings.header);
  if (wanted == ABSENT) return null;
  const token = headers.viewOf(settings.tokenHeader);
  headers.removeView(settings.header.view);
  if (token == ABSENT) return null;
  headers.removeView(settings.tokenHeader.view);
  if (!settings.accepts(token)) {
    log.info("traffic-split: a fault was asked for with a token that is not known");
    return null;
  }
  const text = sliceToString(wanted);
  const fault = parseFault(text, settings.maxDelay);
  if (fault == null) log.warn('traffic-split: expected a fault such as "delay=250ms,abort=503", found "' + text + '"');
  return fault;
}

/** Parts divided by commas: `abort=` with a status from 400 to 599, `delay=` with a number and `ms` or `s`. Null when it is none of that. */
function parseFault(text: string, maxDelay: u32): Fault | null {
  const fault = new Fault(text);
  for (let start = 0; start <= text.length; ) {
    const comma = text.indexOf(",", start);
    const end = comma < 0 ? text.length : comma;
    if (!parsePart(text.substring(start, end).trim(), fault, maxDelay)) return null;
    start = end + 1;
  }
  return fault.status != 0 || fault.delay > 0 ? fault : null;
}

function parsePart(part: string, fault: Fault, maxDelay: u32): bool {
  const abort = part.startsWith("abort=");
  if (!abort && !part.startsWith("delay=")) return false;
  let digits = NAME_SIZE;
  let number: u32 = 0;
  while (digits < part.length && <u32>(part.charCodeAt(digits) - 48) < 10) number = number * 10 + part.charCodeAt(digits++) - 48;
  if (digits == NAME_SIZE || digits > NAME_SIZE + MAX_DIGITS) return false;
  const unit = part.substring(digits);
  if (abort) {
    fault.status = number;
    return unit.length == 0 && number >= 400 && number <= 599;
  }
  if (unit != "s" && unit != "ms") return false;
  const delay = <u64>number * (unit == "s" ? 1000 : 1);
  fault.delay = delay < maxDelay ? <u32>delay : maxDelay;
  return true;
}
