import { HeaderMap, REPEATED, Status } from "../../sdk/index";
import { Slice, sliceLength, sliceOfBytes, slicePointer, sliceToBytes } from "../../std/slice";
import { isPlainText } from "../../std/utf8";
import { RequestAuthSettings } from "./config";

/** Of a name that a service gives, in bytes. */
const MAX_NAME: u32 = 256;

/** Who a request is for; empty where nobody said. */
export class Identity {
  user: StaticArray<u8> = [];
  tenant: StaticArray<u8> = [];

  /** What a service answered, or null when a value is none that may go on: repeated, too long, or no clean text. */
  static of(user: Slice, tenant: Slice): Identity | null {
    if (!isName(user) || !isName(tenant)) return null;
    const identity = new Identity();
    identity.user = sliceToBytes(user);
    identity.tenant = sliceToBytes(tenant);
    return identity;
  }

  /** Writes it into the request's headers; false when the host does not take it. */
  write(settings: RequestAuthSettings, headers: HeaderMap): bool {
    if (this.user.length > 0 && headers.setView(settings.userHeader.view, sliceOfBytes(this.user)) != Status.Ok) return false;
    return this.tenant.length == 0 || headers.setView(settings.tenantHeader.view, sliceOfBytes(this.tenant)) == Status.Ok;
  }
}

function isName(value: Slice): bool {
  return value != REPEATED && sliceLength(value) <= MAX_NAME && isPlainText(slicePointer(value), sliceLength(value));
}
