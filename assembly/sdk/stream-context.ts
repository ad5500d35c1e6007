import { BaseContext } from "./context";
import { PluginContext } from "./plugin-context";

/** One stream: an HTTP request with its response, or a TCP connection. */
export abstract class StreamContext extends BaseContext {
  /** The plugin context, with the configuration, that this stream runs under; `HttpContextOf` and `TcpContextOf` give it its own type. */
  pluginContext: PluginContext | null = null;

  /** The stream has ended; what it leaves can be read once more, and attributes set for the access log. Spec: v0.2.1 #proxy_on_log */
  onLog(): void {}
}
