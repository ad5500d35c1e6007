/**
 * What the build knows about a module before it runs. It puts its own values here; these hold for a module that plain asc compiles, and
 * are always right.
 */

/**
 * Where the build reserved memory for memory.ts, behind the static data: before it, it would make all addresses of static data long ones. 0
 * when it did not.
 */
export let reservedMemory: usize = 0;

/** Whether a stream can have state of its own, which a class of stream contexts with fields makes. */
export let statefulStreams: bool = true;
