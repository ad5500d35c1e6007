/** Replaces a text in response bodies, such as an internal address by the public one. */
import { DataStatus, HeadersStatus, HttpContextOf, orDefault, PluginContext, registerConfiguredHttpFilter } from "meshwright/assembly";

class Rewrite extends PluginContext {
  find: string = "";
  replacement: string = "";

  onConfigure(): bool {
    const config = this.readConfig("body-rewrite");
    config.root.allow(["find", "replace"]);
    this.find = config.root.get("find").required();
    this.replacement = config.root.get("replace").string("");
    return config.ok || this.refuse(config);
  }
}

class Rewriter extends HttpContextOf<Rewrite> {
  /** Decided by the headers, needed for the body: a field makes one object for each stream. */
  private isText: bool = false;

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    const type = this.responseHeaders.get("content-type");
    const readable = isTextType(orDefault(type, "")) && !this.responseHeaders.has("content-encoding");
    this.isText = readable && !endOfStream;
    // The new body will have another length. Without this header Envoy sends it in chunks.
    if (this.isText) this.responseHeaders.remove("content-length");
    return HeadersStatus.Continue;
  }

  onResponseBody(bodySize: u32, endOfStream: bool): DataStatus {
    if (!this.isText) return DataStatus.Continue;
    // What we look for may be split between two pieces, so Envoy collects them until all is there, up to the buffer limit.
    if (!endOfStream) return DataStatus.StopIterationAndBuffer;
    const text = this.responseBody.getText();
    // U+FFFD stands for bytes that are no UTF-8. They would be lost, so such a body stays as it is.
    if (text == null || text.includes("\uFFFD")) return DataStatus.Continue;
    if (text.includes(this.plugin.find)) this.responseBody.replace(text.replaceAll(this.plugin.find, this.plugin.replacement));
    return DataStatus.Continue;
  }
}
registerConfiguredHttpFilter<Rewrite, Rewriter>("body-rewrite");

function isTextType(type: string): bool {
  return type.startsWith("text/") || type.startsWith("application/json");
}
