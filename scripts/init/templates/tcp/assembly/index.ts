import { Counter, log, PeerType, PluginContext, registerConfiguredTcpFilter, StreamStatus, TcpContextOf } from "meshwright/assembly";

/** One configuration of the filter: `{"log": true}`. */
class Settings extends PluginContext {
  log: bool = false;
  // Envoy shows it as wasmcustom.my-filter.received_bytes.
  received: Counter = new Counter("my-filter.received_bytes");

  onConfigure(): bool {
    const config = this.readConfig("my-filter");
    config.root.allow(["log"]);
    this.log = config.root.get("log").boolean(true);
    return config.ok || this.refuse(config);
  }
}

/** One connection. */
class Connection extends TcpContextOf<Settings> {
  private received: u64 = 0;

  onDownstreamData(size: u32, endOfStream: bool): StreamStatus {
    this.received += size;
    this.plugin.received.increment(size);
    return StreamStatus.Continue;
  }

  onDownstreamClose(peer: PeerType): void {
    if (this.plugin.log) log.info("closed after " + this.received.toString() + " bytes");
  }
}

// The name is the root id in Envoy's configuration.
registerConfiguredTcpFilter<Settings, Connection>("my-filter");
