import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Target } from "./target.js";

interface Live {
  readonly session: ClientHttp2Session;
  /** Calls under way on it. */
  calls: number;
}

/**
 * The HTTP/2 connection to the gate, opened when it is needed and again once it is lost. Connect brings such a manager, but
 * that one stops listening to a connection when it leaves it, and an error which comes after that ends the process.
 */
export class Connection {
  /** What gRPC names on a Unix socket; the target decides where it leads. */
  readonly authority = "http://localhost";
  readonly #target: Target;
  #live: Live | undefined;
  #closed = false;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Begins a call. Rejects where the target is not to be trusted, and once this is closed. */
  async request(method: string, path: string, headers: OutgoingHttpHeaders): Promise<ClientHttp2Stream> {
    const live = this.#open();
    const stream = live.session.request({ ...headers, ":method": method, ":path": path });
    stream.on("error", ignored); // Connect listens too, a moment later
    if (live.calls++ === 0) live.session.ref();
    stream.once("close", () => {
      if (--live.calls === 0) live.session.unref();
    });
    return Promise.resolve(stream);
  }

  /** For managers that ping: a gate on this host is lost with its socket only. */
  notifyResponseByteRead(): void {
    return;
  }

  /** Ends every call, and lets no other begin. */
  close(): void {
    this.#closed = true;
    this.#live?.session.destroy(undefined, constants.NGHTTP2_CANCEL);
  }

  #open(): Live {
    if (this.#closed) throw new Error("the guard is closed");
    if (this.#live === undefined || this.#live.session.closed || this.#live.session.destroyed) {
      const session = connect(this.authority, { createConnection: () => this.#target.connect() });
      session.on("error", ignored); // each call on it fails by itself
      session.unref(); // a process that makes no call may end
      this.#live = { session, calls: 0 };
    }
    return this.#live;
  }
}

function ignored(): void {
  return;
}
