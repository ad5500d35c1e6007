/**
 * What the build finds a filter to need of its host that Envoy does not do. It puts its own values here, and drops the code behind what is
 * not needed; these are right for any filter.
 */

/** Whether callbacks ask for the request's headers once those have passed. */
export let keepsRequest: bool = true;
/** Whether callbacks ask for the response's headers once those have passed. */
export let keepsResponse: bool = true;
/** Whether callbacks of the request write to the response's headers, for a host that takes that. */
export let defersResponse: bool = true;
/** Whether `process.env` is read. */
export let readsProcessEnv: bool = true;
/** Whether streams keep objects as numbers. */
export let holdsObjects: bool = true;
/** Whether the filter makes hostcalls of its own, and takes the memory that the host hands over for ArrayBuffers. */
export let takesHostMemory: bool = true;
