import {
  CallOutcome,
  Clock,
  Counter,
  HeaderMap,
  HttpCall,
  HttpCallHandler,
  HttpCallResponse,
  HttpContext,
  log,
  PluginContext,
} from "../../sdk/index";
import { decimal } from "../../std/decimal";
import { Slice } from "../../std/slice";
import { sliceToString } from "../../std/utf8";
import { DecisionSettings, RequestAuthSettings } from "./config";
import { Decision, Decisions, Question } from "./decisions";
import { Identity } from "./identity";
import { RequestAuthStream } from "./stream";

const UNAUTHORIZED: u32 = 401;
const FORBIDDEN: u32 = 403;
const UNAVAILABLE: u32 = 503;

/** Hands the service's answer to who waits for it. */
class Answer extends HttpCallHandler<RequestAuthPlugin> {
  constructor(private readonly question: Question) {
    super();
  }

  onResponse(plugin: RequestAuthPlugin, response: HttpCallResponse): void {
    plugin.answered(this.question, response);
  }
}

export class RequestAuthPlugin extends PluginContext {
  settings: RequestAuthSettings = new RequestAuthSettings();
  private decisions: Decisions | null = null;
  readonly allowed: Counter = new Counter("request_auth.allowed");
  readonly refused: Counter = new Counter("request_auth.refused");
  private readonly errors: Counter = new Counter("request_auth.decision_errors");
  private readonly remembered: Counter = new Counter("request_auth.decision_cache_hits");

  onConfigure(): bool {
    const config = this.readConfig("request-auth");
    this.settings = RequestAuthSettings.read(config.root);
    if (!config.ok) return this.refuse(config);
    const decision = this.settings.decision;
    if (decision != null) this.decisions = new Decisions(decision.maxEntries);
    return true;
  }

  createHttpContext(): HttpContext | null {
    return new RequestAuthStream();
  }

  /**
   * What the service says to a question: an answer that it remembers, or null when `stream` waits for one. `digest` stands for all that is
   * asked; `token` and the request's headers go to the service.
   */
  decide(stream: RequestAuthStream, digest: usize, token: Slice, headers: HeaderMap, method: Slice, path: Slice): Decision | null {
    const settings = this.settings.decision;
    const decisions = this.decisions;
    if (settings == null || decisions == null) return new Decision(UNAUTHORIZED, null, true);
    const known = decisions.find(digest, Clock.now());
    if (known != null) {
      const decision = known.decision;
      if (decision == null) known.waiting.push(stream.id);
      else this.remembered.increment();
      return decision;
    }
    const question = decisions.ask(digest, stream);
    const call = this.callFor(settings, token, headers, method, path);
    // The answer is for everybody who waits, so the call must outlive the stream that caused it.
    this.makeEffective();
    const outcome = call.send<RequestAuthPlugin>(this, new Answer(question));
    stream.makeEffective();
    if (outcome == CallOutcome.Sent) {
      question.waiting.push(stream.id);
      return null;
    }
    log.error("request-auth: cluster " + settings.cluster + (outcome == CallOutcome.UnknownCluster ? " is not known" : " can't be called"));
    const failure = this.failure(settings);
    decisions.answer(question, failure, 0, 1);
    return failure;
  }

  private callFor(settings: DecisionSettings, token: Slice, headers: HeaderMap, method: Slice, path: Slice): HttpCall {
    const call = new HttpCall(settings.cluster);
    call.path = settings.path;
    call.timeout = settings.timeoutMs;
    call.headers.add("authorization", "Bearer " + sliceToString(token));
    call.headers.add("x-forwarded-method", sliceToString(method));
    call.headers.add("x-forwarded-uri", sliceToString(path));
    for (let i = 0; i < settings.headers.length; i++) {
      const values = headers.viewAllOf(settings.headers[i]);
      for (let j = 0; j < values.length; j++) call.headers.add(settings.headerNames[i], sliceToString(values[j]));
    }
    return call.propagate(headers);
  }

  /** The service has answered, or has not. */
  answered(question: Question, response: HttpCallResponse): void {
    const settings = this.settings.decision;
    const decisions = this.decisions;
    if (settings == null || decisions == null) return;
    const decision = this.read(settings, response);
    const now = Clock.now();
    decisions.answer(question, decision, decision.given ? now + settings.ttlNs : 0, now);
    const waiting = question.waiting;
    question.waiting = [];
    const stream = question.stream;
    for (let i = 0; i < waiting.length; i++) stream.resume(waiting[i], decision);
  }

  private read(settings: DecisionSettings, response: HttpCallResponse): Decision {
    const status = response.status;
    if (response.outcome != CallOutcome.Success) return this.failure(settings);
    if (status == UNAUTHORIZED || status == FORBIDDEN) return new Decision(status, null, true);
    if (status == 200) {
      const user = response.headers.viewOnly(this.settings.userHeader);
      const tenant = response.headers.viewOnly(this.settings.tenantHeader);
      const identity = Identity.of(user, tenant);
      if (identity != null) return new Decision(0, identity, true);
    }
    log.error(
      "request-auth: " +
        settings.cluster +
        " answers with " +
        (status == 200 ? "an identity that can't be one" : "status " + decimal(status)),
    );
    return this.failure(settings);
  }

  private failure(settings: DecisionSettings): Decision {
    this.errors.increment();
    return settings.allowOnError ? new Decision(0, null, false) : new Decision(UNAVAILABLE, null, false);
  }
}
