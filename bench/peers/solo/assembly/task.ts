// The task.
export * from "@solo-io/proxy-runtime/proxy";

import { Context, FilterHeadersStatusValues, RootContext, registerRootContext, stream_context } from "@solo-io/proxy-runtime";
import { get_current_time_nanoseconds, set_property } from "@solo-io/proxy-runtime/runtime";
import { seed, traceparent } from "./trace";

class Plugin extends RootContext {
  onConfigure(size: u32): bool {
    seed(get_current_time_nanoseconds());
    return super.onConfigure(size);
  }

  createContext(id: u32): Context {
    return new Task(id, this);
  }
}

class Task extends Context {
  constructor(id: u32, plugin: Plugin) {
    super(id, plugin);
  }

  onRequestHeaders(_count: u32, _end: bool): FilterHeadersStatusValues {
    const headers = stream_context.headers.request;
    const user = headers.get("x-user-id");
    const tenant = headers.get("x-tenant-id");
    headers.replace("traceparent", traceparent(headers.get("traceparent")));
    set_property("span.attributes.app.version", String.UTF8.encode("1.4.2"));
    set_property("span.attributes.cluster.name", String.UTF8.encode("edge-1"));
    if (user != "") set_property("span.attributes.user.id", String.UTF8.encode(user));
    if (tenant != "") set_property("span.attributes.tenant.id", String.UTF8.encode(tenant));
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Plugin(id), "bench");
