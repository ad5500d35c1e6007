/**
 * Which variant a request goes to: plain functions over its headers.
 */
import { cookieOf, HeaderMap, HeaderName } from "../../sdk/index";
import { queryValue } from "../../std/cookies";
import { ABSENT, Slice, sliceEquals, sliceLength, sliceOfBytes, slicePart } from "../../std/slice";
import { hash64 } from "../../std/weighted";
import { Match, Rule, Source, TrafficSplitSettings, Variant } from "./config";

const PATH = new HeaderName(":path");

/** The variant that a rule names, or the cookie of an earlier answer; null when weights decide. */
export function ruledVariant(settings: TrafficSplitSettings, headers: HeaderMap): Variant | null {
  const rules = settings.rules;
  for (let i = 0; i < rules.length; i++) {
    const rule = unchecked(rules[i]);
    const value = valueOf(rule.source, rule.name, rule.header, headers);
    if (value == ABSENT || !matches(rule, value)) continue;
    const variant = rule.variant;
    if (variant != null) return variant;
    const named = settings.named(value);
    if (named != null) return named;
  }
  if (settings.cookieName.length == 0) return null;
  const earlier = settings.named(settings.cookieOf(headers));
  // A variant whose weight is 0 was rolled back: its users are to leave it.
  return earlier != null && earlier.weight > 0 ? earlier : null;
}

/** What a request is recognised by. */
export class StickyKey {
  found: bool = false;
  hash: u64 = 0;
}

const KEY = new StickyKey();

/** The hash of the first source that the request has, with the name of the experiment; valid until the next call. */
export function stickyKey(settings: TrafficSplitSettings, headers: HeaderMap): StickyKey {
  KEY.found = false;
  const sources = settings.sticky;
  for (let i = 0; i < sources.length && !KEY.found; i++) {
    const source = unchecked(sources[i]);
    const value = valueOf(source.source, source.name, source.header, headers);
    if (sliceLength(value) == 0) continue;
    KEY.found = true;
    KEY.hash = hash64(value) ^ settings.salt;
  }
  return KEY;
}

function valueOf(source: i32, name: StaticArray<u8>, header: HeaderName, headers: HeaderMap): Slice {
  if (source == Source.Header) return headers.viewOf(header);
  if (source == Source.Cookie) return cookieOf(headers, sliceOfBytes(name));
  const path = headers.viewOf(PATH);
  return path == ABSENT ? ABSENT : queryValue(path, sliceOfBytes(name));
}

function matches(rule: Rule, value: Slice): bool {
  const text = sliceOfBytes(rule.text);
  if (rule.match == Match.Equals) return sliceEquals(value, text);
  if (rule.match == Match.Prefix)
    return sliceLength(value) >= sliceLength(text) && sliceEquals(slicePart(value, 0, sliceLength(text)), text);
  return true;
}
