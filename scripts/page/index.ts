export { isOwnHost } from "./own-host.ts";
export { policy } from "./policy.ts";
