export { type DevOptions, startDev } from "./dev.ts";
export { eventFragment, logFragment, requestFragment } from "./fragments.ts";
export { type PageServer, startPageServer } from "./server.ts";
