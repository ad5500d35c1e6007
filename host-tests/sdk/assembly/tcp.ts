/** A TCP filter: upper-case what the client sends, marks what comes back, and closes on "quit". */
import { log, PeerType, PluginContext, registerConfiguredTcpFilter, StreamStatus, TcpContextOf, Timer } from "../../../assembly/index";

class Tap extends PluginContext {
  greeting: string = "";

  onConfigure(): bool {
    this.greeting = this.configuration;
    return true;
  }
}

class Resume extends Timer {
  constructor(private readonly connection: Connection) {
    super();
  }

  onTimer(): void {
    const resumed = this.connection.makeEffective() ? <i32>this.connection.continueDownstream() : -1;
    log.info("resumed " + resumed.toString());
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
    if (text.startsWith("wait")) {
      this.plugin.after(100, new Resume(this));
      return StreamStatus.StopIteration;
    }
    if (text.startsWith("hang up")) log.info("hung up " + (<i32>this.closeUpstream()).toString());
    if (text.startsWith("upstream")) log.info("continued " + (<i32>this.continueUpstream()).toString());
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
    log.info("client closed after " + this.sent.toString() + " by " + (<i32>peer).toString());
  }

  onUpstreamClose(peer: PeerType): void {
    log.info("upstream closed by " + (<i32>peer).toString());
  }

  onLog(): void {
    log.info("logged " + this.sent.toString());
  }

  onDelete(): void {
    log.info("deleted " + this.sent.toString());
  }
}
registerConfiguredTcpFilter<Tap, Connection>("tap");
