/** The parts of `std` that filters use. */
export { BasicCredentials, bearerToken } from "../std/authorization";
export { Config, ConfigValue } from "../std/config";
export { timingSafeEqual } from "../std/hmac";
export { JsonParser, JsonType, JsonValue } from "../std/json";
export { JsonWriter } from "../std/json-writer";
export { ProtoReader, ProtoWriter, WireType } from "../std/protobuf";
export {
  ABSENT,
  EMPTY,
  Slice,
  sliceEquals,
  sliceEqualsText,
  sliceIndexOf,
  sliceLength,
  sliceOfBytes,
  slicePart,
  sliceToBytes,
} from "../std/slice";
export { urlPath, urlQuery } from "../std/url";
export { sliceToString } from "../std/utf8";
