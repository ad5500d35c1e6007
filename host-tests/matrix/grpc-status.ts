/** Names of gRPC's statuses in access logs, from 0. */
const NAMES = [
  ...["OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied"],
  ...["ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss"],
  "Unauthenticated",
];

/** A status in one of the forms of `%GRPC_STATUS(…)%`; a number that is none of gRPC's stays a number. */
export function grpcStatusText(status: number, form: string): string | number {
  if (form === "NUMBER") return status;
  const name = NAMES[status];
  if (name === undefined) return String(status);
  return form === "SNAKE_STRING" ? name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase() : name;
}
