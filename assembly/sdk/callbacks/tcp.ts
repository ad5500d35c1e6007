/** TCP connections; one without a context goes on. */
import { StreamStatus } from "../../abi/enums";
import { tcpContext } from "../dispatcher";
import { enter, leave } from "../lifecycle";

export function proxy_on_new_connection(contextId: u32): u32 {
  enter();
  const context = tcpContext(contextId);
  const status = context == null ? StreamStatus.Continue : context.onNewConnection();
  leave();
  return status;
}

export function proxy_on_downstream_data(contextId: u32, size: u32, endOfStream: u32): u32 {
  enter();
  const context = tcpContext(contextId);
  const status = context == null ? StreamStatus.Continue : context.onDownstreamData(size, endOfStream != 0);
  leave();
  return status;
}

export function proxy_on_upstream_data(contextId: u32, size: u32, endOfStream: u32): u32 {
  enter();
  const context = tcpContext(contextId);
  const status = context == null ? StreamStatus.Continue : context.onUpstreamData(size, endOfStream != 0);
  leave();
  return status;
}

export function proxy_on_downstream_connection_close(contextId: u32, peer: u32): void {
  enter();
  const context = tcpContext(contextId);
  if (context != null) context.onDownstreamClose(peer);
  leave();
}

export function proxy_on_upstream_connection_close(contextId: u32, peer: u32): void {
  enter();
  const context = tcpContext(contextId);
  if (context != null) context.onUpstreamClose(peer);
  leave();
}
