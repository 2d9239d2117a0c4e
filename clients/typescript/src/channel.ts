import { Code, ConnectError, createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Connection } from "./connection.js";
import { DecisionPointService } from "./gen/gatehold/v1/decision_point_service_pb.js";
import type { Target } from "./target.js";

export type GateClient = Client<typeof DecisionPointService>;

const MOST_BYTES = 8 * 1024 * 1024;
const DEADLINE_MS = 5_000;

/** Calls to the gate. */
export class Channel {
  readonly client: GateClient;
  readonly #closing = new AbortController();
  readonly #connection: Connection;

  constructor(target: Target) {
    this.#connection = new Connection(target);
    const transport = createGrpcTransport({
      baseUrl: this.#connection.authority,
      sessionManager: this.#connection,
      interceptors: [authorized(target.authorization), endedWell],
      acceptCompression: [], // a few compressed bytes can unfold into a great many
      readMaxBytes: MOST_BYTES,
      defaultTimeoutMs: DEADLINE_MS, // for a call that names none: without a deadline it could hang
    });
    this.client = createClient(DecisionPointService, transport);
  }

  /** Aborted once the channel is closed. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Ends every call, and lets no other begin. */
  close(): void {
    this.#closing.abort();
    this.#connection.close();
  }
}

function authorized(authorization: string): Interceptor {
  return (next) => (request) => {
    if (authorization) request.header.set("authorization", authorization);
    return next(request);
  };
}

/** Connect takes the code in `grpc-status-details-bin` for the status where there is one; both must say OK. */
const endedWell: Interceptor = (next) => async (request) => {
  const response = await next(request);
  if (response.stream) return response;
  const status = response.trailer.get("grpc-status") ?? response.header.get("grpc-status");
  if (status !== "0") throw new ConnectError(`the call ended with status ${String(status)}`, Code.Internal);
  return response;
};
