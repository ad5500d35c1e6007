/** The parts of `std` that filters use. */
export { Config, ConfigValue } from "../std/config";
export { JsonParser, JsonType, JsonValue } from "../std/json";
export { ProtoReader, ProtoWriter, WireType } from "../std/protobuf";
export { ABSENT, EMPTY, Slice, sliceEquals, sliceEqualsText, sliceLength, slicePart, sliceToBytes } from "../std/slice";
export { sliceToString } from "../std/utf8";
