/** Counts gRPC answers by their status, which stands in the trailers, or in the headers of an answer without messages. */
import {
  CounterFamily,
  HeadersStatus,
  HttpContextOf,
  PluginContext,
  registerConfiguredHttpFilter,
  TrailersStatus,
} from "../../../assembly/index";

class Statuses extends PluginContext {
  answers: CounterFamily = new CounterFamily("grpc_answers", ["status"]);
}

class Stream extends HttpContextOf<Statuses> {
  onRequestTrailers(): TrailersStatus {
    this.requestTrailers.set("x-seen", "request");
    return TrailersStatus.Continue;
  }

  onResponseHeaders(endOfStream: bool): HeadersStatus {
    const status = this.responseHeaders.get("grpc-status");
    if (status != null) this.plugin.answers.with([status]).increment(1);
    return HeadersStatus.Continue;
  }

  onResponseTrailers(): TrailersStatus {
    const status = this.responseTrailers.get("grpc-status");
    if (status != null) this.plugin.answers.with([status]).increment(1);
    this.responseTrailers.set("x-seen", "response");
    return TrailersStatus.Continue;
  }
}
registerConfiguredHttpFilter<Statuses, Stream>("grpc-status");
