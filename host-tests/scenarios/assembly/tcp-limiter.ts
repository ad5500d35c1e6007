/** Lets so many connections be open at once, and so many bytes through each of them; closes what is more. */
import { log, PeerType, PluginContext, registerConfiguredTcpFilter, StreamStatus, TcpContextOf } from "../../../assembly/index";

class Limits extends PluginContext {
  connections: i32 = 0;
  bytes: i32 = 0;
  open: i32 = 0;

  onConfigure(): bool {
    const config = this.readConfig("tcp-limiter");
    config.root.allow(["connections", "bytes"]);
    this.connections = config.root.get("connections").integer(1, 1, 1000);
    this.bytes = config.root.get("bytes").integer(1024, 1, 1000000);
    return config.ok || this.refuse(config);
  }
}

class Connection extends TcpContextOf<Limits> {
  private received: u32 = 0;

  onNewConnection(): StreamStatus {
    if (++this.plugin.open <= this.plugin.connections) return StreamStatus.Continue;
    log.warn("too many connections");
    this.closeDownstream();
    return StreamStatus.StopIteration;
  }

  onDownstreamData(size: u32, endOfStream: bool): StreamStatus {
    this.received += size;
    log.info("piece of " + size.toString() + (endOfStream ? ", the last" : ""));
    if (this.received <= <u32>this.plugin.bytes) return StreamStatus.Continue;
    log.warn("too many bytes");
    this.closeDownstream();
    return StreamStatus.StopIteration;
  }

  onUpstreamData(size: u32, endOfStream: bool): StreamStatus {
    log.info("answer of " + size.toString() + (endOfStream ? ", the last" : ""));
    return StreamStatus.Continue;
  }

  onDownstreamClose(peer: PeerType): void {
    this.plugin.open--;
    log.info("closed by " + (peer == PeerType.Remote ? "the client" : peer == PeerType.Local ? "the proxy" : "nobody knows"));
  }
}
registerConfiguredTcpFilter<Limits, Connection>("tcp-limiter");
