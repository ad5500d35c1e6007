import { BufferType, PeerType, Status, StreamStatus, StreamType } from "../abi/enums";
import { proxy_close_stream, proxy_continue_stream } from "../abi/hostcalls";
import { Body } from "./body";
import { PluginContext } from "./plugin-context";
import { StreamContext } from "./stream-context";

/** One of each serves all connections; see `HttpContext`. */
class Shared {
  static readonly downstreamData: Body = new Body(BufferType.DownstreamData);
  static readonly upstreamData: Body = new Body(BufferType.UpstreamData);
}

/**
 * One TCP connection, for a module that runs as a network filter. Extend it and override the callbacks that the filter needs; see
 * `HttpContext` for classes without fields.
 */
export class TcpContext extends StreamContext {
  /** A client has connected. Spec: v0.2.1 #proxy_on_new_connection */
  onNewConnection(): StreamStatus {
    return StreamStatus.Continue;
  }

  /** `size` bytes came from the client. `StopIteration` keeps them; the next call has them again, with what came since. Spec: v0.2.1 #proxy_on_downstream_data */
  onDownstreamData(size: u32, endOfStream: bool): StreamStatus {
    return StreamStatus.Continue;
  }

  /** `size` bytes came from the upstream. Spec: v0.2.1 #proxy_on_upstream_data */
  onUpstreamData(size: u32, endOfStream: bool): StreamStatus {
    return StreamStatus.Continue;
  }

  /** The client's connection is closed. Spec: v0.2.1 #proxy_on_downstream_connection_close */
  onDownstreamClose(peer: PeerType): void {}

  /** The upstream's connection is closed. Spec: v0.2.1 #proxy_on_upstream_connection_close */
  onUpstreamClose(peer: PeerType): void {}

  /** What came from the client: read it, or change what goes upstream. Valid in `onDownstreamData`. */
  get downstreamData(): Body {
    return Shared.downstreamData;
  }

  /** What came from the upstream: read it, or change what goes to the client. Valid in `onUpstreamData`. */
  get upstreamData(): Body {
    return Shared.upstreamData;
  }

  /** Lets the client's data go on that a callback stopped. Spec: v0.2.1 #proxy_continue_stream */
  continueDownstream(): Status {
    return proxy_continue_stream(StreamType.Downstream);
  }

  /** The same for the upstream's data; Envoy answers `Status.Unimplemented`. */
  continueUpstream(): Status {
    return proxy_continue_stream(StreamType.Upstream);
  }

  /** Closes the client's connection. Spec: v0.2.1 #proxy_close_stream */
  closeDownstream(): Status {
    return proxy_close_stream(StreamType.Downstream);
  }

  /** Closes the upstream's connection. */
  closeUpstream(): Status {
    return proxy_close_stream(StreamType.Upstream);
  }
}

/** A TCP connection whose plugin context is a `P`. */
export class TcpContextOf<P extends PluginContext> extends TcpContext {
  /** The plugin context, as what it is. */
  get plugin(): P {
    return changetype<P>(this.pluginContext);
  }
}
