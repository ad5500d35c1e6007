import { type AdminAddress, adminGet, adminPost } from "../../scripts/envoy/index.ts";

/** The line that Envoy writes when it is asked to change its log levels with GET; nobody asks it that otherwise. */
export const MARK = /\[admin\].* admin path "\/logging" mutates state, method=GET rather than POST$/;

/** Has Envoy write that line; false where it cannot: it does not run any more, or logs no errors. */
export async function marks(admin: AdminAddress): Promise<boolean> {
  try {
    const levels = await adminPost(admin, "/logging");
    if (/^ *admin: (critical|off)$/m.test(levels)) return false;
    await adminGet(admin, "/logging");
    return true;
  } catch {
    return false;
  }
}
