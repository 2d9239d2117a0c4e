import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";

const DOMAIN = "gatehold.dev";

/** How a call that failed ended. */
export interface Status {
  /** The status that the gate sent; Unavailable where none arrived, or DeadlineExceeded. */
  readonly code: Code;
  /** The gate's reason, a name of ErrorReason; empty where it gave none. */
  readonly reason: string;
  readonly message: string;
}

/**
 * Reads what a call threw. Connect makes codes of its own for what goes wrong underneath, Aborted for a lost connection for
 * example; a code counts as the gate's only where a `grpc-status` came.
 */
export function statusOf(error: unknown): Status {
  const failure = ConnectError.from(error);
  const message = failure.rawMessage || (Code[failure.code] ?? "no message");
  const known = failure.metadata.has("grpc-status") || failure.code === Code.DeadlineExceeded;
  return { code: known ? failure.code : Code.Unavailable, reason: reasonOf(failure), message };
}

function reasonOf(failure: ConnectError): string {
  for (const detail of failure.details) {
    if ("type" in detail && detail.type === "google.rpc.ErrorInfo") return errorInfoReason(detail.value);
  }
  return "";
}

/** google.rpc.ErrorInfo: reason is field 1, domain is field 2 (google/rpc/error_details.proto). */
function errorInfoReason(bytes: Uint8Array): string {
  const texts: Record<number, string> = {};
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === 1 || field === 2) texts[field] = reader.string();
      else reader.skip(type, field);
    }
  } catch {
    return "";
  }
  return texts[2] === DOMAIN ? (texts[1] ?? "") : "";
}
