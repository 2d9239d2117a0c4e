import { lstatSync, statSync, type Stats } from "node:fs";
import { dirname } from "node:path";

const WRITABLE_BY_OTHERS = 0o022;

/**
 * Why a Unix socket must not be connected to, and what to do about it; empty when it may. Whoever can put a socket at the
 * guard's path answers for the gate, so only this user, root and `sidecarUid` may own the socket, its folder and a link that
 * leads to the folder, and only the owner may write to the folder, `/tmp` being no exception. The folders above are not
 * looked at; nor is the process behind the socket, which Node does not tell.
 *
 * @param path - of the socket; a symbolic link is refused, for its own folder would not be the one that is checked.
 * @param sidecarUid - user id of a sidecar that runs as another user; undefined where it does not.
 */
export function distrust(path: string, sidecarUid?: number): string {
  const user = process.geteuid?.();
  if (user === undefined) return "this platform does not tell whose a socket is";
  const folder = dirname(path);
  try {
    const seen: [string, Stats][] = [
      [folder, lstatSync(folder)],
      [folder, statSync(folder)],
      [path, lstatSync(path)],
    ];
    return judged(seen, new Set([0, user, sidecarUid ?? user]));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return `there is no socket ${path}: start the sidecar, or name another by GATEHOLD_SIDECAR`;
    return `${path} cannot be looked at: ${String(code)}`;
  }
}

function judged(seen: [string, Stats][], trusted: ReadonlySet<number>): string {
  const [, [folder, directory], [path, socket]] = seen as [unknown, [string, Stats], [string, Stats]];
  if (!socket.isSocket()) return `${path} is not a socket: name the sidecar's by GATEHOLD_SIDECAR`;
  if (directory.mode & WRITABLE_BY_OTHERS) {
    return `others could put a socket of their own into ${folder}: run chmod go-w on it, or use a folder of its own`;
  }
  const foreign = seen.find(([, status]) => !trusted.has(status.uid));
  if (foreign === undefined) return "";
  const [name, { uid }] = foreign;
  return `${name} belongs to user ${uid}: if that is the sidecar's, set GATEHOLD_SIDECAR_UID to it`;
}
