/**
 * The attributes of one request: plain functions over its headers.
 */
import { cleanSlice, HeaderMap, HeaderName, Properties, SliceBuilder } from "../../sdk/index";
import { BaggageMembers, baggageKey, isBaggageMember, MAX_BAGGAGE_MEMBERS, MAX_BAGGAGE_SIZE, percentEncoded } from "../../std/baggage";
import { ABSENT, Slice, sliceEquals, sliceLength, sliceOfBytes, slicePointer, sliceToBytes } from "../../std/slice";
import { isPlainText } from "../../std/utf8";
import { Attribute } from "./attribute";
import { SpanAttributesSettings } from "./config";

const BAGGAGE = new HeaderName("baggage");

/**
 * Writes every attribute of the request to where the settings want it. `wanted`: the span is to have them (see `isWanted`); baggage, which is for
 * those upstream, has them in any case.
 */
export function writeAttributes(settings: SpanAttributesSettings, headers: HeaderMap, wanted: bool): void {
  if (wanted && settings.toFilterState) writeState(settings, headers);
  if (settings.toRequestHeader) writeHeaders(settings, headers, wanted);
  if (settings.toBaggage) writeBaggage(settings, headers);
}

function writeState(settings: SpanAttributesSettings, headers: HeaderMap): void {
  const constants = settings.constants;
  if (constants != null) constants.write();
  const attributes = settings.ofRequest;
  for (let i = 0, n = attributes.length; i < n; i++) {
    const attribute = unchecked(attributes[i]);
    const value = attribute.isConstant ? attribute.constantView : valueOf(attribute, headers, settings.maxLength);
    if (value != ABSENT) Properties.setOf(attribute.propertyView, value);
  }
}

/** Whatever a client sent under one of the names is gone in any case. */
function writeHeaders(settings: SpanAttributesSettings, headers: HeaderMap, wanted: bool): void {
  const attributes = settings.attributes;
  for (let i = 0; i < attributes.length; i++) {
    const attribute = attributes[i];
    const value = wanted ? valueOf(attribute, headers, settings.maxLength) : ABSENT;
    const name = sliceOfBytes(attribute.header);
    if (value != ABSENT) headers.setClean(name, value);
    else headers.removeView(name);
  }
}

/** What the attribute is for this request: clean text of at most `maxLength` bytes, or `ABSENT`. */
export function valueOf(attribute: Attribute, headers: HeaderMap, maxLength: u32): Slice {
  const names = attribute.headers;
  for (let i = 0, n = names.length; i < n; i++) {
    const raw = headers.viewOf(unchecked(names[i]));
    const length = sliceLength(raw);
    if (length == 0) continue;
    if (length <= maxLength && isPlainText(slicePointer(raw), length)) return raw;
    return cleanSlice(raw, maxLength);
  }
  return attribute.constantView;
}

/** Puts the attributes at the end of the baggage that came, in place of members of the same keys, as far as the limits allow. */
function writeBaggage(settings: SpanAttributesSettings, headers: HeaderMap): void {
  const baggage = new SliceBuilder(MAX_BAGGAGE_SIZE);
  let members = 0;
  const fields = headers.viewAllOf(BAGGAGE);
  for (let i = 0; i < fields.length; i++) {
    const list = new BaggageMembers(fields[i]);
    for (let member = list.next(); member != ABSENT; member = list.next()) {
      if (!isBaggageMember(member) || isOurs(settings, baggageKey(member))) continue;
      if (members < MAX_BAGGAGE_MEMBERS && baggage.appendMember(member)) members++;
    }
  }
  for (let i = 0; i < settings.attributes.length; i++) {
    const attribute = settings.attributes[i];
    const value = valueOf(attribute, headers, settings.maxLength);
    if (value == ABSENT || members == MAX_BAGGAGE_MEMBERS) continue;
    const encoded = percentEncoded(sliceToBytes(value));
    const member = new SliceBuilder(attribute.key.length + 1 + encoded.length);
    member.appendBytes(attribute.key);
    member.appendByte(61); // =
    member.appendBytes(encoded);
    if (baggage.appendMember(member.slice)) members++;
  }
  if (baggage.size > 0) headers.setClean(BAGGAGE.view, baggage.slice);
  else if (fields.length > 0) headers.removeView(BAGGAGE.view);
}

function isOurs(settings: SpanAttributesSettings, key: Slice): bool {
  for (let i = 0; i < settings.attributes.length; i++) if (sliceEquals(sliceOfBytes(settings.attributes[i].key), key)) return true;
  return false;
}
