/** `import { … } from "meshwright/assembly"`: the SDK and the parts of `std` that go with it. */
export * from "./sdk/index";
// asc 0.28 looks for "./std/…", seen from a folder named assembly, in the wrong place; hence this file beside the SDK.
export * from "./sdk/std";
