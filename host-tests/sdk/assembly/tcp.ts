/** A TCP filter: upper-case what the client sends, marks what comes back, and closes on "quit". */
import { log, PeerType, PluginContext, registerConfiguredTcpFilter, StreamStatus, TcpContextOf } from "../../../assembly/index";

class Tap extends PluginContext {
  greeting: string = "";

  onConfigure(): bool {
    this.greeting = this.configuration;
    return true;
  }
}

class Connection extends TcpContextOf<Tap> {
  private sent: u32 = 0;

  onNewConnection(): StreamStatus {
    log.info("connected " + this.plugin.greeting);
    return StreamStatus.Continue;
  }

  onDownstreamData(size: u32, endOfStream: bool): StreamStatus {
    const text = this.downstreamData.getText();
    if (text == null || size == 0) return StreamStatus.Continue;
    if (text.startsWith("quit")) {
      this.closeDownstream();
      return StreamStatus.StopIteration;
    }
    // Half a line stays until the rest has come.
    if (!text.endsWith("\n")) return StreamStatus.StopIteration;
    this.sent += size;
    this.downstreamData.replace(text.toUpperCase());
    return StreamStatus.Continue;
  }

  onUpstreamData(size: u32, endOfStream: bool): StreamStatus {
    if (size > 0) this.upstreamData.prepend("> ");
    return StreamStatus.Continue;
  }

  onDownstreamClose(peer: PeerType): void {
    log.info("client closed after " + this.sent.toString());
  }

  onUpstreamClose(peer: PeerType): void {
    log.info("upstream closed");
  }

  onLog(): void {
    log.info("logged " + this.sent.toString());
  }

  onDelete(): void {
    log.info("deleted " + this.sent.toString());
  }
}
registerConfiguredTcpFilter<Tap, Connection>("tap");
