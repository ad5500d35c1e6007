/** The header maps of a stream, which remember what they read in this callback: one object for each, so that all who read share it. */
import { HeaderMap } from "../sdk/header-map";
import { HeaderMapTypeValues } from "./enums";

export const requestMap: HeaderMap = new HeaderMap(<i32>HeaderMapTypeValues.RequestHeaders);
export const responseMap: HeaderMap = new HeaderMap(<i32>HeaderMapTypeValues.ResponseHeaders);

export function mapOf(typ: HeaderMapTypeValues): HeaderMap {
  if (typ == HeaderMapTypeValues.RequestHeaders) return requestMap;
  return typ == HeaderMapTypeValues.ResponseHeaders ? responseMap : new HeaderMap(<i32>typ);
}
