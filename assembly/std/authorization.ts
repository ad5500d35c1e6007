/** What an `authorization` field has (RFC 9110, section 11.6.2). */
import { ABSENT, Slice, sliceLength, slicePart, slicePointer } from "./slice";
import { trimmed } from "./trace-context";

const COLON: u8 = 58;

/** The token of `Bearer token68` (RFC 6750, section 2.1), as it stands there; `ABSENT` for another scheme and for what is no token. */
export function bearerToken(authorization: Slice): Slice {
  const token = credentialsOf(authorization, "bearer");
  for (let i: u32 = 0; i < sliceLength(token); i++) {
    const byte = load<u8>(slicePointer(token) + i);
    if (byte <= 32 || byte >= 127) return ABSENT;
  }
  return token;
}

/** What follows the name of a scheme, which is in lower case here and in any case there; `ABSENT` for another scheme, and when nothing follows. */
export function credentialsOf(authorization: Slice, scheme: string): Slice {
  const size = <u32>scheme.length;
  if (sliceLength(authorization) <= size || load<u8>(slicePointer(authorization) + size) != 32) return ABSENT;
  for (let i: u32 = 0; i < size; i++) if ((load<u8>(slicePointer(authorization) + i) | 32) != scheme.charCodeAt(i)) return ABSENT;
  const credentials = trimmed(slicePart(authorization, size, sliceLength(authorization)));
  return sliceLength(credentials) == 0 ? ABSENT : credentials;
}

/** A user-id and a password (RFC 7617), as views that are valid until the callback returns. */
export class BasicCredentials {
  constructor(
    /** The user-id; it may be empty and has no colon. */
    readonly user: Slice,
    /** The password; it may be empty. */
    readonly password: Slice,
  ) {}

  /**
   * The two of `user-id:password`; null without a colon, and with control characters, which neither may have.
   * @internal
   */
  static of(pair: Slice): BasicCredentials | null {
    const length = sliceLength(pair);
    let colon = length;
    for (let i: u32 = 0; i < length; i++) {
      const byte = load<u8>(slicePointer(pair) + i);
      if (byte < 32 || byte == 127) return null;
      if (byte == COLON && colon == length) colon = i;
    }
    if (colon == length) return null;
    return new BasicCredentials(slicePart(pair, 0, colon), slicePart(pair, colon + 1, length));
  }
}
