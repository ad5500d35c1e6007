/** Routes by tenant: tells from the host or a header who the tenant is, and sets the header that the routes look at. */
import { HeadersStatus, HttpContextOf, PluginContext, registerConfiguredHttpFilter, Span } from "meshwright/assembly";

class Tenants extends PluginContext {
  /** Tenant to the value of x-route, which stands for a place, such as "eu" or "canary". */
  places: Map<string, string> = new Map();
  fallback: string = "";

  onConfigure(): bool {
    const config = this.readConfig("tenant-route");
    config.root.allow(["tenants", "default"]);
    const tenants = config.root.get("tenants");
    const names = tenants.allowAny();
    for (let i = 0; i < names.length; i++) this.places.set(names[i], tenants.get(names[i]).required());
    this.fallback = config.root.get("default").required();
    return config.ok || this.refuse(config);
  }
}

class Route extends HttpContextOf<Tenants> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const tenant = this.tenant();
    const places = this.plugin.places;
    // Map.get aborts on a key that is not there.
    const place = places.has(tenant) ? places.get(tenant) : this.plugin.fallback;
    // set, and not add: a client must not choose its route. Envoy, which chose one before filters ran, chooses again after the change.
    this.requestHeaders.set("x-route", place);
    Span.setAttribute("tenant.id", tenant);
    return HeadersStatus.Continue;
  }

  /** The header x-tenant-id, else the first part of a host such as acme.example.com. */
  private tenant(): string {
    const header = this.requestHeaders.get("x-tenant-id");
    if (header != null && header.length > 0) return header;
    const host = this.requestHeaders.get(":authority");
    if (host == null) return "";
    const parts = host.split(".");
    return parts.length > 2 ? parts[0] : "";
  }
}
registerConfiguredHttpFilter<Tenants, Route>("tenant-route");
