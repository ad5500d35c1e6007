/** Asks a service when some time has passed since its configuration. */
import { HttpCall, HttpContext, log, orDefault, PluginContext, registerConfiguredHttpFilter, Timer } from "../../../assembly/index";

class Refresh extends Timer {
  constructor(private readonly plugin: Plugin) {
    super();
  }

  onTimer(): void {
    new HttpCall("service").then<Plugin>(this.plugin, (_, response) => {
      log.warn("refreshed " + orDefault(response.body.getText(), ""));
    });
  }
}

class Plugin extends PluginContext {
  onConfigure(): bool {
    this.after(300, new Refresh(this));
    return true;
  }
}
registerConfiguredHttpFilter<Plugin, HttpContext>("refreshes");
