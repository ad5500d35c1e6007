/** Plugins whose streams keep no state: the host reports neither their beginning nor their end. */
import {
  HeaderName,
  HeadersStatus,
  HttpContext,
  HttpContextOf,
  PluginContext,
  REPEATED,
  registerConfiguredHttpFilter,
  registerHttpFilter,
  Status,
  sliceToString,
} from "../../../assembly/index";

class Label extends PluginContext {
  label: string = "";

  onConfigure(): bool {
    const config = this.readConfig("label");
    config.root.allow(["label"]);
    this.label = config.root.get("label").required();
    return config.ok || this.refuse(config);
  }
}

class Alpha extends HttpContextOf<Label> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.requestHeaders.add("x-alpha", this.plugin.label);
    return HeadersStatus.Continue;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    this.responseHeaders.add("x-alpha-response", this.plugin.label);
    return HeadersStatus.Continue;
  }
}

class Beta extends HttpContextOf<Label> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.requestHeaders.add("x-beta", this.plugin.label);
    return HeadersStatus.Continue;
  }
}

const X_LIST = new HeaderName("X-List");

/** Reads, writes and reads again; what it saw goes upstream as `x-saw`, one value for each line. */
class Headers extends HttpContext {
  private saw(what: string, value: string): void {
    this.requestHeaders.add("x-saw", what + ": " + value);
  }

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const h = this.requestHeaders;
    const absent = h.get("x-absent");
    const empty = h.get("x-empty");
    this.saw("absent", absent == null ? "null" : "'" + absent + "'");
    this.saw("empty", empty == null ? "null" : "'" + empty + "'");
    this.saw("list", h.getAll("x-list").join("|"));
    const only = h.viewOnly(X_LIST);
    this.saw("only", only == REPEATED ? "repeated" : only == 0 ? "absent" : sliceToString(only));
    const bytes = h.getBytes("x-bytes");
    this.saw("bytes", bytes == null ? "null" : bytes.join(" "));
    this.saw("equals", h.equals("x-user", "admin").toString());
    const decoded = h.get("x-user");
    this.saw("decoded equals", (decoded == "admin").toString());

    h.add("x-list", "c");
    this.saw("list after add", h.getAll("x-list").join("|"));
    h.set("X-List", "d");
    this.saw("list after set", h.getAll("x-list").join("|") + " " + h.get("x-list")! + " " + (h.viewOnly(X_LIST) != REPEATED).toString());
    h.remove("x-list");
    this.saw("list after remove", h.getAll("x-list").length.toString() + " " + h.has("x-list").toString());
    h.add("x-list", "e");
    this.saw("list at the end", h.getAll("x-list").join("|"));

    this.saw("newline", (h.set("x-bad", "a\r\nx-injected: 1") == Status.BadArgument).toString());
    this.saw("bad name", (h.set("x bad", "a") == Status.BadArgument).toString());
    this.saw("response in request phase", (this.responseHeaders.set("x", "y") == Status.BadArgument).toString());
    this.saw("response size", this.responseHeaders.size.toString());
    return HeadersStatus.Continue;
  }
}

registerConfiguredHttpFilter<Label, Alpha>("alpha");
registerConfiguredHttpFilter<Label, Beta>("beta");
registerHttpFilter<Headers>("headers");
