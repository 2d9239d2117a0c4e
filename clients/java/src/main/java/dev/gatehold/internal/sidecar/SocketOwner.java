package dev.gatehold.internal.sidecar;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whose Unix socket it is: whoever can put one at the guard's path answers for the gate.
 *
 * <p>Only this user, root and the sidecar's own may own the socket, its folder and a link that leads to the folder, and
 * only the owner may write to the folder. A sticky folder such as /tmp is no exception: a socket that stood there for a
 * moment, while the sidecar was down, would have the connection. The folders above are not looked at.
 */
final class SocketOwner {
    private static final int SOCKET = 0140000; // S_IFSOCK of S_IFMT
    private static final int FORMAT = 0170000;
    private static final int OTHERS_WRITE = 0022;

    private final Path socket;
    private final Path folder;
    private final Set<Long> trusted;

    /** A path without a folder lies in the working directory. */
    SocketOwner(Path socket, Set<Long> sidecarUids) {
        this.socket = socket;
        this.folder = socket.getParent() == null ? Path.of("") : socket.getParent();
        this.trusted = new TreeSet<>(sidecarUids);
        this.trusted.add(0L);
        this.trusted.add(new UnixSystem().getUid());
    }

    /** Returns why the socket must not be used and what to do about it; empty when it may be used. */
    String distrust() {
        try {
            return distrust(
                    status(folder, LinkOption.NOFOLLOW_LINKS),
                    status(folder),
                    status(socket, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException error) {
            return "there is no socket " + socket + ": start the sidecar, or name another by GATEHOLD_SIDECAR";
        } catch (IOException | RuntimeException error) { // unchecked where the system has no owners to tell
            return socket + " cannot be looked at: " + error.getClass().getSimpleName();
        }
    }

    private String distrust(Status link, Status directory, Status file) {
        if ((file.mode & FORMAT) != SOCKET) {
            return socket + " is not a socket: name the sidecar's by GATEHOLD_SIDECAR";
        }
        if ((directory.mode & OTHERS_WRITE) != 0) {
            return "others could put a socket of their own into " + directory.path
                    + ": run chmod go-w on it, or use a folder of its own";
        }
        for (Status status : new Status[] {link, directory, file}) {
            if (!trusted.contains(status.uid)) {
                return status.path + " belongs to user " + status.uid
                        + ": if that is the sidecar's, set GATEHOLD_SIDECAR_UID to it";
            }
        }
        return "";
    }

    private static Status status(Path path, LinkOption... links) throws IOException {
        Map<String, Object> found = Files.readAttributes(path, "unix:mode,uid", links);
        return new Status(path, (Integer) found.get("mode"), Integer.toUnsignedLong((Integer) found.get("uid")));
    }

    private record Status(Path path, int mode, long uid) {}
}
