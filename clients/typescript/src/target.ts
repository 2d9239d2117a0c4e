import { readFileSync } from "node:fs";
import { BlockList, connect, isIP, type Socket } from "node:net";
import { InvalidInput } from "./invalid.js";
import { distrust } from "./peer.js";

const DEFAULT = "unix:.gatehold/agent.sock";
const UNIX = "unix:";
const LONGEST_PATH = process.platform === "linux" ? 107 : 103; // bytes in a sockaddr_un, which libuv cuts silently
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Where the sidecar is and how to speak to it. */
export interface TargetOptions {
  /**
   * `unix:PATH`, or `HOST:PORT` on loopback. Default: the variable GATEHOLD_SIDECAR, else `unix:.gatehold/agent.sock`.
   */
  readonly target?: string | undefined;
  /** File with a key or token. Default: the variable GATEHOLD_TOKEN_FILE, else none: a Unix socket is the identity. */
  readonly tokenFile?: string | undefined;
  /** User id of a sidecar that runs as another user. Default: the variable GATEHOLD_SIDECAR_UID, else none. */
  readonly sidecarUid?: number | undefined;
}

/** An address on this host, and what is sent along with every call. */
export interface Target {
  /** Connects. Throws where whoever listens there could be somebody else than the sidecar. */
  connect(): Socket;
  /** Value of the `authorization` header; empty where no token is configured. */
  readonly authorization: string;
}

/**
 * @throws InvalidInput when the target is neither a Unix socket nor on loopback, for arguments would cross a network in the
 *   clear; when the user id is none; and when the token file cannot be read or holds no token.
 */
export function resolve(options: TargetOptions = {}): Target {
  const address = options.target ?? (process.env.GATEHOLD_SIDECAR || DEFAULT);
  const authorization = bearer(options.tokenFile ?? process.env.GATEHOLD_TOKEN_FILE);
  if (!address.startsWith(UNIX)) return { connect: onLoopback(address), authorization };
  const path = socketPath(address);
  const uid = userId(options.sidecarUid?.toString() ?? process.env.GATEHOLD_SIDECAR_UID);
  return { connect: () => connectTrusted(path, uid), authorization };
}

/** Looks at each connection, for the socket may have been replaced since the last. */
function connectTrusted(path: string, uid: number | undefined): Socket {
  const why = distrust(path, uid);
  if (why) throw new Error(why);
  return connect({ path });
}

function socketPath(address: string): string {
  const path = address.slice(UNIX.length).replace(/^\/\/(?=\/)/, "");
  // The sidecar and the other clients read a URI here, so a path with these would be another one to them.
  if (path === "" || path.startsWith("//") || /[%?#\0]/.test(path)) {
    throw new InvalidInput("target", `${JSON.stringify(address)} is not unix:PATH with a path free of %, ? and #`);
  }
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new InvalidInput("target", `the path of a Unix socket has at most ${LONGEST_PATH} bytes`);
  }
  return path;
}

function onLoopback(address: string): () => Socket {
  const [, bracketed, bare, digits] = /^(?:\[([0-9a-f:]+)\]|([0-9a-z.]+)):(\d{1,5})$/i.exec(address) ?? [];
  const host = bracketed ?? bare ?? "";
  const port = Number(digits);
  const family = isIP(host);
  const local = family === 0 ? host === "localhost" : LOOPBACK.check(host, family === 4 ? "ipv4" : "ipv6");
  if (!local || !(port >= 1 && port <= 65_535)) {
    throw new InvalidInput("target", `${JSON.stringify(address)} is neither unix:PATH nor on loopback`);
  }
  return () => connect({ host, port, noDelay: true });
}

function bearer(file: string | undefined): string {
  if (!file) return "";
  let token: string;
  try {
    token = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new InvalidInput("tokenFile", `${file} cannot be read: ${String((error as NodeJS.ErrnoException).code)}`);
  }
  if (!/^[!-~]+$/.test(token)) throw new InvalidInput("tokenFile", `${file} does not hold one token in ASCII`);
  return `Bearer ${token}`;
}

function userId(text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new InvalidInput("GATEHOLD_SIDECAR_UID", "is not a user id");
  return Number(text);
}
