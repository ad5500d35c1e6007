/** Writes down what it sees of a stream, and does to it what the header x-do says. */
import {
  Attributes,
  DataStatus,
  HeaderList,
  HeaderName,
  HeadersStatus,
  HttpCall,
  HttpContext,
  log,
  orDefault,
  registerHttpFilter,
  sliceToString,
} from "../../../assembly/index.ts";

const HOST = new HeaderName("host");

class Edges extends HttpContext {
  private does: string = "";

  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const headers = this.requestHeaders;
    this.does = orDefault(headers.get("x-do"), "");
    if (this.does == "host") log.info("host " + orDefault(headers.get("host"), "absent"));
    log.info("request " + headers.names().join(",") + (endOfStream ? " end" : ""));
    if (this.does == "route") headers.set("x-route", "other");
    if (this.does == "unroute") headers.remove("x-route");
    if (this.does == "reroute all") headers.replaceAll(new HeaderList().add("x-route", "other"));
    if (this.does == "host") this.hosts();
    if (this.does == "no-path") headers.remove(":path");
    if (this.does == "no-proto") headers.remove("x-forwarded-proto");
    if (this.does == "empty-proto") headers.set("x-forwarded-proto", "");
    if (this.does == "bad-name") headers.set("x:bad", "1");
    if (this.does == "bad-value") headers.set("x-bad", "a\x01b");
    if (this.does != "call") return HeadersStatus.Continue;
    new HttpCall("aside").then<Edges>(this, (context, response) => {
      context.sendLocalResponse(403, "answered " + response.status.toString());
    });
    return HeadersStatus.StopAllIterationAndWatermark;
  }

  /** All headers have been read by now: `host` is none of the names, and still another name of one. */
  private hosts(): void {
    const headers = this.requestHeaders;
    const once = sliceToString(headers.viewOnly(HOST));
    log.info("read " + orDefault(headers.get("host"), "absent") + " " + headers.getAll("Host").join("|") + " " + once);
    headers.set("host", "other.example");
    log.info("set " + orDefault(headers.get("host"), "absent") + " " + orDefault(headers.get(":authority"), "absent"));
    log.info("kept " + orDefault(headers.snapshot().get("host"), "absent"));
  }

  onRequestBody(size: u32, endOfStream: bool): DataStatus {
    log.info("request body " + size.toString() + (endOfStream ? " end" : ""));
    if (this.does == "longer" && size > 0) this.requestBody.append(" and more");
    if (this.does != "refuse-body") return DataStatus.Continue;
    this.sendLocalResponse(413, "too much");
    return DataStatus.StopIterationNoBuffer;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    log.info("response " + orDefault(this.responseHeaders.get(":status"), "-") + (endOfStream ? " end" : ""));
    if (this.does == "upstream") this.upstream();
    if (this.does == "no-status") this.responseHeaders.remove(":status");
    if (this.does == "own-server") {
      this.responseHeaders.set("server", "mine");
      this.responseHeaders.set("x-after", "1");
    }
    return HeadersStatus.Continue;
  }

  /** What is known of the upstream, and of the request by now. */
  private upstream(): void {
    const upstream = Attributes.upstream;
    const place = [upstream.region, upstream.zone, upstream.subZone].map<string>(each => orDefault(each, "none")).join(",");
    log.info("upstream in " + place + (upstream.cxPoolReadyDuration < 0 ? ", pool unknown" : ""));
    const request = Attributes.request;
    const said = [request.path, request.method, request.header("x-do"), request.protocol].map<string>(each => orDefault(each, "none"));
    log.info("asked " + said.join(" "));
  }

  onResponseBody(size: u32, endOfStream: bool): DataStatus {
    log.info("response body" + (endOfStream ? " end" : ""));
    if (this.does == "longer-response" && size > 0) this.responseBody.append(" and more");
    if (this.does == "shorter-response" && size > 0) this.responseBody.replace("f");
    return DataStatus.Continue;
  }

  onLog(): void {
    const response = Attributes.response;
    log.info(
      "over " +
        response.code.toString() +
        " flags=" +
        response.flags.toString() +
        " details=" +
        orDefault(response.codeDetails, "none") +
        " route=" +
        orDefault(Attributes.xds.routeName, "none") +
        " cluster=" +
        orDefault(Attributes.xds.clusterName, "none") +
        " upstream=" +
        (Attributes.upstream.address == null ? "none" : "some") +
        " failure=" +
        orDefault(Attributes.upstream.transportFailureReason, "none") +
        " sent=" +
        response.size.toString(),
    );
  }
}
registerHttpFilter<Edges>("edges");
