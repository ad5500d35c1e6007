/** `import { … } from "meshwright/assembly"`: the SDK and the parts of `std` that go with it. */
export * from "./sdk/index";
export { Config, ConfigValue } from "./std/config";
export { JsonParser, JsonType, JsonValue } from "./std/json";
export { ABSENT, EMPTY, Slice, sliceEquals, sliceEqualsText, sliceLength, slicePart, sliceToBytes } from "./std/slice";
export { sliceToString } from "./std/utf8";
