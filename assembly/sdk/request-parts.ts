/** Values within a request's headers, in memory that is valid until the callback returns. */
import { allocate } from "../abi/memory";
import { BasicCredentials, credentialsOf } from "../std/authorization";
import { cookieValue } from "../std/cookies";
import { isPlainQuery, readQueryPart } from "../std/percent";
import { ABSENT, presentSlice, Slice, sliceLength } from "../std/slice";
import { encodedParameter, urlQuery } from "../std/url";
import { base64Decode } from "./encoding";
import { HeaderMap } from "./header-map";
import { HeaderName } from "./header-name";

/** Lazy, so that the compiler leaves it out of modules that read no cookies. */
class Names {
  // @ts-ignore: decorator
  @lazy static readonly COOKIE: HeaderName = new HeaderName("cookie");
}

/**
 * The value of the first cookie `name` (RFC 6265, section 4.2), in whichever `cookie` field it is, without quotes around it; nothing is
 * decoded. `ABSENT` when there is none.
 */
export function cookieOf(headers: HeaderMap, name: Slice): Slice {
  const only = headers.viewOf(Names.COOKIE);
  if (only == ABSENT) return ABSENT;
  const value = cookieValue(only, name);
  if (value != ABSENT) return value;
  // HTTP/2 clients may send each cookie as a field of its own.
  const fields = headers.viewAllOf(Names.COOKIE);
  for (let i = 1; i < fields.length; i++) {
    const more = cookieValue(fields[i], name);
    if (more != ABSENT) return more;
  }
  return ABSENT;
}

/**
 * The value of the first parameter `name` in the query of `target`, the value of `:path`. Both are decoded as the URL Standard reads a query: `+` is
 * a space, `%` and two digits are a byte, and a `%` without digits is itself. A parameter without `=` has an empty value. `ABSENT` when there is none, or
 * when there is no memory.
 */
export function queryParameter(target: Slice, name: Slice): Slice {
  const value = encodedParameter(urlQuery(target), name);
  if (value == ABSENT || isPlainQuery(value)) return value;
  const out = allocate(sliceLength(value));
  return out == 0 ? ABSENT : presentSlice(out, readQueryPart(out, value));
}

/**
 * User-id and password of an `authorization` field of the scheme Basic (RFC 7617), as bytes, which are UTF-8 from today's browsers. Null for another
 * scheme, for what is no Base64, without a colon, and with control characters, which neither may have.
 */
export function basicCredentials(authorization: Slice): BasicCredentials | null {
  return BasicCredentials.of(base64Decode(credentialsOf(authorization, "basic")));
}
