/** Opens a stream at the first request and writes what comes into the log; further requests say what to send on it. */
import {
  Body,
  CallOutcome,
  GrpcStatus,
  GrpcStream,
  GrpcStreamHandler,
  HeaderMap,
  HeadersStatus,
  HttpContextOf,
  log,
  orDefault,
  PluginContext,
  registerConfiguredHttpFilter,
} from "../../../assembly/index";

class Feed extends GrpcStreamHandler<Watch> {
  onInitialMetadata(plugin: Watch, metadata: HeaderMap): void {
    log.warn("initial " + shown(metadata));
  }

  onMessage(plugin: Watch, message: Body, size: u32): void {
    log.warn("message " + orDefault(message.getText(), "") + " " + size.toString());
  }

  onTrailingMetadata(plugin: Watch, metadata: HeaderMap): void {
    log.warn("trailing " + shown(metadata));
  }

  onClose(plugin: Watch, status: GrpcStatus, statusMessage: string): void {
    log.warn("closed " + (<i32>status).toString() + " " + statusMessage);
  }
}

/** All but the date. */
function shown(metadata: HeaderMap): string {
  const names = metadata.names();
  const parts: string[] = [];
  for (let i = 0; i < names.length; i++) if (names[i] != "date") parts.push(names[i] + "=" + orDefault(metadata.get(names[i]), ""));
  return parts.join(" ");
}

class Watch extends PluginContext {
  stream: GrpcStream | null = null;
}

class Stream extends HttpContextOf<Watch> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const stream = this.plugin.stream;
    const path = orDefault(this.requestHeaders.get(":path"), "");
    if (stream == null) {
      const opened = new GrpcStream("service", "example.Service", "Watch");
      opened.metadata.add("x-node", "n1");
      if (opened.start<Watch>(this.plugin, new Feed()) != CallOutcome.Sent) log.warn("not started");
      this.plugin.stream = opened;
      return HeadersStatus.Continue;
    }
    if (path == "/close") stream.close();
    else if (path == "/cancel") stream.cancel();
    else stream.send(Uint8Array.wrap(String.UTF8.encode(path)), path == "/last");
    return HeadersStatus.Continue;
  }
}
registerConfiguredHttpFilter<Watch, Stream>("grpc-watch");
