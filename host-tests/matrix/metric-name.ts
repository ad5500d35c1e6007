/** Under which name Envoy keeps a metric of a filter: a family's labels stand before the name, as `status=.=200;.;requests`. */
export function metricName(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const written = Object.entries(labels).map(([label, value]) => `${label}=.=${value.replaceAll(";", "_")};.;`);
  return written.join("") + name;
}
