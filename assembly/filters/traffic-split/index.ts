import {
  Foreign,
  HeaderName,
  HeadersStatus,
  HttpContextOf,
  log,
  Properties,
  random,
  registerConfiguredHttpFilter,
  Span,
  Status,
  Timer,
} from "../../sdk/index";
import { ABSENT, sliceOfBytes } from "../../std/slice";
import { utf8Bytes } from "../../std/utf8";
import { choose } from "../../std/weighted";
import { TrafficSplitPlugin, Variant } from "./config";
import { FAULT_ATTRIBUTE, Fault, faultOf } from "./fault";
import { ruledVariant, stickyKey } from "./filter";

const SET_COOKIE = new HeaderName("set-cookie");
/** The cookie that goes to the client with the response. */
const NEWCOMER = utf8Bytes("traffic_split.cookie");

/** Lets a request go on that a fault has held. */
class Late extends Timer {
  private readonly id: u32;

  constructor(
    private readonly stream: TrafficSplit,
    private readonly fault: Fault,
  ) {
    super();
    this.id = stream.id;
  }

  onTimer(): void {
    // One object serves all streams.
    this.stream.id = this.id;
    // The client may have gone meanwhile.
    if (!this.stream.makeEffective()) return;
    if (this.fault.status != 0) this.stream.abort(this.fault);
    else this.stream.continueRequest();
  }
}

/** Without fields, so that the host need not tell of a stream's beginning and end: what the response needs is filter state. */
class TrafficSplit extends HttpContextOf<TrafficSplitPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const settings = this.plugin.settings;
    const headers = this.requestHeaders;
    let variant = ruledVariant(settings, headers);
    if (variant == null) {
      const key = stickyKey(settings, headers);
      const index = choose(settings.candidates, key.found ? key.hash : random().next());
      if (index >= 0) variant = settings.variants[index];
    }
    if (variant == null) headers.removeView(settings.routeHeader.view);
    else this.take(variant);
    return this.fault();
  }

  /** The request goes to `variant`. */
  private take(variant: Variant): void {
    const settings = this.plugin.settings;
    // Set, not added: a client must not choose its route by this header.
    this.requestHeaders.setClean(settings.routeHeader.view, sliceOfBytes(variant.name));
    for (let i = 0; i < variant.attributes.length; i++) variant.attributes[i].set();
    if (settings.cookieName.length > 0 && !variant.isIn(settings.cookieOf(this.requestHeaders)))
      Properties.setOf(sliceOfBytes(NEWCOMER), sliceOfBytes(variant.cookie));
    // Envoy chose a route before the filters ran.
    if (Foreign.clearRouteCache() != Status.Ok) log.warn("traffic-split: the route can't be chosen again");
  }

  /** Breaks or delays the request where a tester with a token asks for it. */
  private fault(): HeadersStatus {
    const fault = faultOf(this.plugin.settings.faults, this.requestHeaders);
    if (fault == null) return HeadersStatus.Continue;
    Span.setAttribute(FAULT_ATTRIBUTE, fault.text);
    if (fault.delay > 0) this.plugin.after(fault.delay, new Late(this, fault));
    else if (fault.status != 0) this.abort(fault);
    return HeadersStatus.StopAllIterationAndWatermark;
  }

  /** Answers as the fault says. */
  abort(fault: Fault): void {
    this.sendLocalResponse(fault.status, "fault injected by a test\n", null, -1, "traffic_split_fault");
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    const cookie = this.plugin.settings.cookieName.length > 0 ? Properties.viewOf(sliceOfBytes(NEWCOMER)) : ABSENT;
    if (cookie != ABSENT) this.responseHeaders.addView(SET_COOKIE.view, cookie);
    return HeadersStatus.Continue;
  }
}
registerConfiguredHttpFilter<TrafficSplitPlugin, TrafficSplit>("traffic-split");
