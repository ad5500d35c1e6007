import { BaseContext } from "./base-context";
import {
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  FilterMetadataStatusValues,
  FilterStatusValues,
  FilterTrailersStatusValues,
  PeerTypeValues,
} from "./enums";

/**
 * One HTTP stream or TCP connection. The dialects' `Context` extends it with the type of its root context.
 *
 * Arguments have defaults because filters of older versions call these methods with fewer.
 */
export class StreamBase extends BaseContext {
  /** Its root context, whatever the dialect calls the class. */
  compatRoot: BaseContext;

  constructor(context_id_: u32, root: BaseContext) {
    super(context_id_);
    this.compatRoot = root;
  }

  onNewConnection(): FilterStatusValues {
    return FilterStatusValues.Continue;
  }

  onDownstreamData(size: usize = 0, end: bool = false): FilterStatusValues {
    return FilterStatusValues.Continue;
  }

  onUpstreamData(size: usize = 0, end: bool = false): FilterStatusValues {
    return FilterStatusValues.Continue;
  }

  onDownstreamConnectionClose(t: PeerTypeValues = PeerTypeValues.Unknown): void {}

  onUpstreamConnectionClose(t: PeerTypeValues = PeerTypeValues.Unknown): void {}

  onRequestHeaders(a: u32 = 0, end_of_stream: bool = false): FilterHeadersStatusValues {
    return FilterHeadersStatusValues.Continue;
  }

  onRequestMetadata(a: u32 = 0): FilterMetadataStatusValues {
    return FilterMetadataStatusValues.Continue;
  }

  onRequestBody(body_buffer_length: usize = 0, end_of_stream: bool = false): FilterDataStatusValues {
    return FilterDataStatusValues.Continue;
  }

  onRequestTrailers(a: u32 = 0): FilterTrailersStatusValues {
    return FilterTrailersStatusValues.Continue;
  }

  onResponseHeaders(a: u32 = 0, end_of_stream: bool = false): FilterHeadersStatusValues {
    return FilterHeadersStatusValues.Continue;
  }

  onResponseMetadata(a: u32 = 0): FilterMetadataStatusValues {
    return FilterMetadataStatusValues.Continue;
  }

  onResponseBody(body_buffer_length: usize = 0, end_of_stream: bool = false): FilterDataStatusValues {
    return FilterDataStatusValues.Continue;
  }

  onResponseTrailers(s: u32 = 0): FilterTrailersStatusValues {
    return FilterTrailersStatusValues.Continue;
  }

  /** The stream has ended: the time for a log line about it. */
  onLog(): void {}
}
