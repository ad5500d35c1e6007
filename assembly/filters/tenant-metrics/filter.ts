/**
 * One stream that has ended, in the metrics of its labels: plain functions.
 */
import { HeaderName, HttpContext, LabelBuilder, OVERFLOW, Properties } from "../../sdk/index";
import { ABSENT, presentSlice, Slice, sliceLength, sliceOfBytes } from "../../std/slice";
import { sliceToString, utf8Bytes } from "../../std/utf8";
import { Label, LabelSource, TenantMetricsSettings } from "./config";
import { Series } from "./series";

const CLASSES: StaticArray<u8>[] = [utf8Bytes("1xx"), utf8Bytes("2xx"), utf8Bytes("3xx"), utf8Bytes("4xx"), utf8Bytes("5xx")];
const GRPC_STATUS = new HeaderName("grpc-status");
// Properties as bytes, because a path put together for each stream would be garbage of each.
const RESPONSE_CODE = utf8Bytes("response\0code");
const DURATION = utf8Bytes("request\0duration");
const REQUEST_SIZE = utf8Bytes("request\0size");
const RESPONSE_SIZE = utf8Bytes("response\0size");
const MILLISECOND: i64 = 1_000_000;

/** Counts the stream that has just ended. */
export function record(settings: TenantMetricsSettings, stream: HttpContext): void {
  const code = integer(RESPONSE_CODE);
  const series = seriesOf(settings, labelsOf(settings, stream, code));
  series.requests.increment();
  // No code: the client went away, or nothing could be sent. Whose fault it was the response flags tell; it was no success.
  if (code <= 0 || code >= 500) series.errors.increment();
  const duration = series.duration;
  if (duration != null) duration.record(atLeastZero(integer(DURATION) / MILLISECOND));
  const requestBytes = series.requestBytes;
  if (requestBytes != null) requestBytes.increment(counted(integer(REQUEST_SIZE)));
  const responseBytes = series.responseBytes;
  if (responseBytes != null) responseBytes.increment(counted(integer(RESPONSE_SIZE)));
}

function labelsOf(settings: TenantMetricsSettings, stream: HttpContext, code: i64): Slice {
  const builder = new LabelBuilder(settings.labelsSize);
  const labels = settings.labels;
  for (let i = 0, n = labels.length; i < n; i++) {
    const label = unchecked(labels[i]);
    let value = valueOf(label, stream, code);
    if (sliceLength(value) == 0) value = sliceOfBytes(label.fallback);
    builder.append(label.start, value, settings.maxLabelLength);
  }
  return builder.slice;
}

function valueOf(label: Label, stream: HttpContext, code: i64): Slice {
  switch (label.source) {
    case LabelSource.Header:
      return stream.requestHeaders.viewOf(label.header);
    case LabelSource.ResponseHeader:
      return stream.responseHeaders.viewOf(label.header);
    case LabelSource.State:
      return Properties.viewOf(sliceOfBytes(label.state));
    case LabelSource.Code:
      return code > 0 ? digits(code) : ABSENT;
    case LabelSource.CodeClass:
      return code >= 100 && code < 600 ? sliceOfBytes(CLASSES[<i32>(code / 100) - 1]) : ABSENT;
    case LabelSource.GrpcStatus: {
      // Not `response.grpc_status`: for what is no gRPC the host makes one up from the code.
      const status = stream.responseHeaders.viewOf(GRPC_STATUS);
      return status != ABSENT ? status : stream.responseTrailers.viewOf(GRPC_STATUS);
    }
    default:
      return ABSENT;
  }
}

const DIGITS: usize = memory.data(24);

/** A number that is not negative, in memory that the next call overwrites. */
function digits(value: i64): Slice {
  let at = DIGITS + 24;
  let rest = value;
  do {
    store<u8>(--at, <u8>(48 + (rest % 10)));
    rest /= 10;
  } while (rest > 0);
  return presentSlice(at, <u32>(DIGITS + 24 - at));
}

function seriesOf(settings: TenantMetricsSettings, labels: Slice): Series {
  const known = settings.index.length;
  const number = settings.index.of(labels);
  if (number == OVERFLOW) return settings.overflow();
  if (number == known) settings.series.push(new Series(sliceToString(labels), settings));
  return unchecked(settings.series[number]);
}

/** A number that the host knows of the stream; -1 when it does not. */
function integer(path: StaticArray<u8>): i64 {
  return Properties.integerOf(sliceOfBytes(path), -1);
}

function atLeastZero(value: i64): u64 {
  return value > 0 ? <u64>value : 0;
}

/** A hostcall adds 32 bits at most. */
function counted(size: i64): u32 {
  return <u32>(size < 0 ? 0 : size > <i64>u32.MAX_VALUE ? <i64>u32.MAX_VALUE : size);
}
