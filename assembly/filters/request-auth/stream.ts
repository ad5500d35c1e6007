import { HeaderList, HeaderName, HeadersStatus, HttpContextOf, REPEATED, SliceBuilder } from "../../sdk/index";
import { bearerToken } from "../../std/authorization";
import { decimal } from "../../std/decimal";
import { writeSha256 } from "../../std/sha256";
import { ABSENT, Slice, sliceEqualsText, sliceLength, slicePart, slicePointer } from "../../std/slice";
import { urlPath } from "../../std/url";
import { BodyForm, DecisionSettings } from "./config";
import { Decision } from "./decisions";
import { Identity } from "./identity";
import { isPlain } from "./paths";
import { RequestAuthPlugin } from "./plugin";

const AUTHORIZATION = new HeaderName("authorization");
const CONTENT_TYPE = new HeaderName("content-type");
const METHOD = new HeaderName(":method");
const PATH = new HeaderName(":path");
const GRPC_SIZE: u32 = 16;
/** No credential is longer. */
const MAX_CREDENTIAL: u32 = 8192;
const DIGEST: usize = memory.data(32, 8);

const UNAUTHENTICATED: i32 = 16;
const PERMISSION_DENIED: i32 = 7;
const UNAVAILABLE: i32 = 14;

/**
 * One request: who is it for, and may it pass? Without fields, so that the host need not tell of a stream's beginning and end: which streams
 * wait for the service the questions know.
 */
export class RequestAuthStream extends HttpContextOf<RequestAuthPlugin> {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    const plugin = this.plugin;
    const settings = plugin.settings;
    const headers = this.requestHeaders;
    // Only this filter says who a request is for, on public paths, too.
    headers.removeView(settings.userHeader.view);
    headers.removeView(settings.tenantHeader.view);
    for (let i = 0; i < settings.forgeries.length; i++) headers.removeView(settings.forgeries[i].view);
    const path = headers.viewOf(PATH);
    if (this.isPublic(urlPath(path))) return HeadersStatus.Continue;
    const key = settings.hasKeys ? headers.viewOnly(settings.keyHeader) : ABSENT;
    if (key != ABSENT) {
      if (!settings.forwardKey) headers.removeView(settings.keyHeader.view);
      return this.settle(this.decisionForKey(key));
    }
    const authorization = headers.viewOnly(AUTHORIZATION);
    const token = sliceLength(authorization) > MAX_CREDENTIAL ? ABSENT : bearerToken(authorization);
    const decision = settings.decision;
    if (token == ABSENT || decision == null) return this.settle(new Decision(401, null, true));
    const method = headers.viewOf(METHOD);
    this.digest(decision, token, method, path);
    const known = plugin.decide(this, DIGEST, token, headers, method, path);
    return known != null ? this.settle(known) : HeadersStatus.StopAllIterationAndWatermark;
  }

  /** The service has answered the question that stream `id` waits for. */
  resume(id: u32, decision: Decision): void {
    // One object serves all streams.
    this.id = id;
    // A stream that has ended meanwhile can't be made effective.
    if (this.makeEffective() && this.settle(decision) == HeadersStatus.Continue) this.continueRequest();
  }

  private isPublic(path: Slice): bool {
    if (!isPlain(path)) return false;
    const rules = this.plugin.settings.publicPaths;
    for (let i = 0; i < rules.length; i++) if (rules[i].matches(path)) return true;
    return false;
  }

  private decisionForKey(key: Slice): Decision {
    let identity: Identity | null = null;
    if (key != REPEATED && sliceLength(key) <= MAX_CREDENTIAL) {
      writeSha256(DIGEST, key);
      identity = this.plugin.settings.keys.find(DIGEST);
    }
    return new Decision(identity == null ? 401 : 0, identity, true);
  }

  /** Leaves the digest of all that is asked in `DIGEST`; line breaks, which no header has, keep the parts apart. */
  private digest(settings: DecisionSettings, token: Slice, method: Slice, path: Slice): void {
    let size = sliceLength(token) + sliceLength(method) + sliceLength(path) + 3;
    const headers = this.requestHeaders;
    if (!settings.perToken) for (let i = 0; i < settings.headers.length; i++) size += sizeOf(headers.viewAllOf(settings.headers[i]));
    const builder = new SliceBuilder(size);
    builder.append(token);
    if (!settings.perToken) {
      builder.appendByte(10);
      builder.append(method);
      builder.appendByte(10);
      builder.append(path);
      for (let i = 0; i < settings.headers.length; i++) {
        const values = headers.viewAllOf(settings.headers[i]);
        builder.appendByte(10);
        for (let j = 0; j < values.length; j++) {
          builder.append(values[j]);
          builder.appendByte(13);
        }
      }
    }
    writeSha256(DIGEST, builder.slice);
  }

  /** Lets the request pass with its identity, or answers it. */
  private settle(decision: Decision): HeadersStatus {
    const plugin = this.plugin;
    const identity = decision.identity;
    let refusal = decision.refusal;
    if (refusal == 0 && identity != null && !identity.write(plugin.settings, this.requestHeaders)) refusal = 503;
    if (refusal == 0) {
      plugin.allowed.increment();
      return HeadersStatus.Continue;
    }
    plugin.refused.increment();
    this.refuse(refusal);
    return HeadersStatus.StopAllIterationAndWatermark;
  }

  private refuse(status: u32): void {
    const settings = this.plugin.settings;
    const headers = new HeaderList();
    if (status == 401) headers.add("www-authenticate", settings.challenge);
    const title = status == 401 ? "Unauthorized" : status == 403 ? "Forbidden" : "Service Unavailable";
    const detail =
      status == 401
        ? "There are no valid credentials with this request."
        : status == 403
          ? "These credentials do not allow this request."
          : "Whether this request is allowed can't be told right now.";
    const code = decimal(status);
    let body = title + ": " + detail + "\n";
    if (isGrpc(this.requestHeaders.viewOf(CONTENT_TYPE))) {
      // The host makes it the message of the gRPC status.
      body = detail;
    } else if (settings.body == BodyForm.Json) {
      headers.add("content-type", "application/json");
      body = '{"error":"' + title + '","status":' + code + ',"message":"' + detail + '"}';
    } else if (settings.body == BodyForm.Problem) {
      headers.add("content-type", "application/problem+json");
      body = '{"type":"about:blank","title":"' + title + '","status":' + code + ',"detail":"' + detail + '"}';
    }
    const grpc = status == 401 ? UNAUTHENTICATED : status == 403 ? PERMISSION_DENIED : UNAVAILABLE;
    this.sendLocalResponse(status, body, headers, grpc, "request_auth_" + code);
  }
}

/** Whether a content type is gRPC's, as the host tells it: with nothing more, or with the form of the messages after a "+". */
function isGrpc(type: Slice): bool {
  if (sliceLength(type) < GRPC_SIZE || !sliceEqualsText(slicePart(type, 0, GRPC_SIZE), "application/grpc")) return false;
  return sliceLength(type) == GRPC_SIZE || load<u8>(slicePointer(type) + GRPC_SIZE) == 43;
}

function sizeOf(values: Slice[]): u32 {
  let size: u32 = 1;
  for (let i = 0; i < values.length; i++) size += sliceLength(values[i]) + 1;
  return size;
}
