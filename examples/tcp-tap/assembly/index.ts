/** Watches TCP connections: counts bytes in metrics, logs how each connection began. It changes nothing. */
import { Counter, Gauge, log, PeerType, PluginContext, registerConfiguredTcpFilter, StreamStatus, TcpContextOf } from "meshwright/assembly";

class Tap extends PluginContext {
  preview: i32 = 0;
  // Metrics are made once, with the plugin; Envoy shows them as wasmcustom.tcp_tap.….
  connections: Gauge = new Gauge("tcp_tap.connections");
  received: Counter = new Counter("tcp_tap.received_bytes");
  sent: Counter = new Counter("tcp_tap.sent_bytes");

  onConfigure(): bool {
    const config = this.readConfig("tcp-tap");
    config.root.allow(["preview_bytes"]);
    this.preview = config.root.get("preview_bytes").integer(32, 0, 1024);
    return config.ok || this.refuse(config);
  }
}

class Connection extends TcpContextOf<Tap> {
  private received: u64 = 0;
  private sent: u64 = 0;

  onNewConnection(): StreamStatus {
    this.plugin.connections.add(1);
    return StreamStatus.Continue;
  }

  onDownstreamData(size: u32, endOfStream: bool): StreamStatus {
    // The end of a connection comes as no bytes.
    if (size > 0 && this.received == 0 && this.plugin.preview > 0) {
      const start = this.downstreamData.getText(0, <u32>this.plugin.preview);
      if (start != null) log.info("begins with: " + firstLine(start));
    }
    this.received += size;
    this.plugin.received.increment(size);
    return StreamStatus.Continue;
  }

  onUpstreamData(size: u32, endOfStream: bool): StreamStatus {
    this.sent += size;
    this.plugin.sent.increment(size);
    return StreamStatus.Continue;
  }

  onDownstreamClose(peer: PeerType): void {
    this.plugin.connections.add(-1);
    log.info("closed after " + this.received.toString() + " bytes in, " + this.sent.toString() + " out");
  }
}
registerConfiguredTcpFilter<Tap, Connection>("tcp-tap");

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return (end < 0 ? text : text.substring(0, end)).trimEnd();
}
