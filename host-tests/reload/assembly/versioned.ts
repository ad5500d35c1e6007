/**
 * Says in every answer which code and which configuration made it: `x-request` by the context that saw the request, `x-response` by the one that
 * saw the response. Four digits of CODE are overwritten in the built module, which makes as many modules as a test wants.
 */
import { HeadersStatus, HttpContextOf, PluginContext, registerConfiguredHttpFilter } from "../../../assembly/index";

const CODE = "code-0000";

class Version extends PluginContext {
  version: string = "";

  onConfigure(): bool {
    const config = this.readConfig("versioned");
    config.root.allow(["version", "trap"]);
    this.version = config.root.get("version").required();
    if (config.root.get("trap").string("") == "configure") unreachable();
    return config.ok || this.refuse(config);
  }
}

class Versioned extends HttpContextOf<Version> {
  atRequest: string = "";

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.atRequest = CODE + " config-" + this.plugin.version;
    return HeadersStatus.Continue;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    this.responseHeaders.set("x-request", this.atRequest);
    this.responseHeaders.set("x-response", CODE + " config-" + this.plugin.version);
    return HeadersStatus.Continue;
  }
}

registerConfiguredHttpFilter<Version, Versioned>("versioned");
