// The task, with one read of the whole header map.
import { CONTINUE, forget, getPairs, OK, REQUEST_HEADERS, setProperty } from "./abi";
import { APP_VERSION, CLUSTER_NAME, EDGE, TENANT_ID, TRACEPARENT, USER_ID, VERSION, X_TENANT_ID, X_USER_ID } from "./text";
import { propagate } from "./trace";

export { proxy_abi_version_0_2_1, proxy_on_memory_allocate } from "./abi";
export { proxy_on_configure } from "./trace";

/** Pointer and size that the host writes. */
const OUT: usize = memory.data(8, 8);

function equals(a: usize, b: usize, size: usize): bool {
  for (let i: usize = 0; i < size; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

export function proxy_on_request_headers(id: u32, count: u32, end: u32): u32 {
  forget();
  let user: usize = 0;
  let tenant: usize = 0;
  let trace: usize = 0;
  let userSize: u32 = 0;
  let tenantSize: u32 = 0;
  let traceSize: u32 = 0;
  if (getPairs(REQUEST_HEADERS, OUT, OUT + 4) == OK) {
    // Count, the sizes of each name and value, then their bytes, each with a zero behind it.
    const pairs = <usize>load<u32>(OUT);
    let sizes = pairs + 4;
    let name = sizes + 8 * <usize>load<u32>(pairs);
    for (const last = name; sizes < last; sizes += 8) {
      const nameSize = load<u32>(sizes);
      const valueSize = load<u32>(sizes, 4);
      const value = name + nameSize + 1;
      if (nameSize == 9 && user == 0 && equals(name, X_USER_ID, 9)) {
        user = value;
        userSize = valueSize;
      } else if (nameSize == 11 && tenant == 0 && equals(name, X_TENANT_ID, 11)) {
        tenant = value;
        tenantSize = valueSize;
      } else if (nameSize == 11 && trace == 0 && equals(name, TRACEPARENT, 11)) {
        trace = value;
        traceSize = valueSize;
      }
      name = value + valueSize + 1;
    }
  }
  propagate(trace, traceSize);
  setProperty(APP_VERSION, 27, VERSION, 5);
  setProperty(CLUSTER_NAME, 28, EDGE, 6);
  if (user != 0) setProperty(USER_ID, 23, user, userSize);
  if (tenant != 0) setProperty(TENANT_ID, 25, tenant, tenantSize);
  return CONTINUE;
}
