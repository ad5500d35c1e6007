import type { Check } from "../check.ts";
import type { Report } from "../finding.ts";
import { asObject, asObjects, asText, type Json } from "../json.ts";

const DAY_MS = 86_400_000;
/** Of its life; Istio renews a certificate of a day at half of it. */
const LAST_PART = 0.2;
const SOON_MS = 14 * DAY_MS;

/** Certificates that Envoy has loaded. */
export const certificates: Check = ({ snapshot, now }) =>
  (snapshot.certificates ?? []).flatMap(entry =>
    (["cert_chain", "ca_cert"] as const).flatMap(kind => asObjects(entry[kind]).flatMap(certificate => checkOne(certificate, kind, now))),
  );

function checkOne(certificate: Json, kind: "cert_chain" | "ca_cert", now: Date): Report[] {
  const until = Date.parse(asText(certificate.expiration_time));
  const from = Date.parse(asText(certificate.valid_from));
  if (Number.isNaN(until)) return [];
  const left = until - now.getTime();
  const where = `certificate ${nameOf(certificate)}`;
  const what = kind === "ca_cert" ? "trusted CA" : "certificate";
  if (left <= 0) {
    const mend =
      "renew it; Istio: see that istiod signs (its log, the istio-ca-secret), that clocks agree, and start the pod again when the agent has stopped asking. From a file: Envoy reads it again only by SDS";
    return [
      { id: "certificate-expired", where, found: `the ${what} expired on ${asText(certificate.expiration_time)}: handshakes fail`, mend },
    ];
  }
  if (left >= Math.min(Number.isNaN(from) ? SOON_MS : (until - from) * LAST_PART, SOON_MS)) return [];
  const hours = Math.floor(left / 3_600_000);
  const found = `the ${what} expires on ${asText(certificate.expiration_time)}, in ${hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`}`;
  const mend = "see why it has not been renewed: cert-manager's or istiod's log; Envoy takes a new one by SDS without a restart";
  return [{ id: "certificate-expiring", where, found, mend }];
}

function nameOf({ path, subject_alt_names, serial_number }: Json): string {
  const names = asObjects(subject_alt_names).map(each => asText(Object.values(asObject(each))[0]));
  return [asText(path).replace(/^<inline>$/, ""), ...names].filter(Boolean).join(" ") || `with serial number ${asText(serial_number)}`;
}
