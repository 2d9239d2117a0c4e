package dev.gatehold.internal.sidecar;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gate that can be reached without crossing a network: a Unix socket, or a port on loopback. */
public record Target(SocketAddress address) {
    private static final String UNIX = "unix:";
    private static final Pattern HOST_AND_PORT = Pattern.compile("(.+):([0-9]{1,5})");
    // Nothing that Java would look up by name, or read as an old form of an address such as 127.1.
    private static final Pattern LITERAL =
            Pattern.compile("([0-9]{1,3}\\.){3}[0-9]{1,3}|\\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*]?");

    /**
     * Reads an address.
     *
     * @param address {@code unix:PATH}, or {@code HOST:PORT} on loopback
     * @return where it leads
     * @throws IllegalArgumentException for any other: arguments would cross a network in the clear
     */
    public static Target parse(String address) {
        if (address.startsWith(UNIX)) {
            return new Target(UnixDomainSocketAddress.of(path(address)));
        }
        return new Target(loopback(address));
    }

    /**
     * Tells which file it is.
     *
     * @return the socket; empty for a port
     */
    public Optional<Path> socket() {
        return address instanceof UnixDomainSocketAddress unix ? Optional.of(unix.getPath()) : Optional.empty();
    }

    /** The grammar is that of every client: what gRPC reads as a URI elsewhere would name another path there. */
    private static Path path(String address) {
        String path = address.substring(UNIX.length());
        if (path.startsWith("///")) {
            path = path.substring(2);
        }
        if (path.isEmpty() || path.startsWith("//") || path.matches("(?s).*[%?#].*")) {
            throw new IllegalArgumentException(
                    "the target is not unix:PATH with a path free of %, ? and #: " + address);
        }
        return Path.of(path);
    }

    /** The address that is checked is the one that is connected to, whatever {@code localhost} is mapped to. */
    private static InetSocketAddress loopback(String address) {
        Matcher parts = HOST_AND_PORT.matcher(address);
        if (parts.matches() && isLocal(parts.group(1))) {
            InetSocketAddress found = new InetSocketAddress(parts.group(1), Integer.parseInt(parts.group(2)));
            if (!found.isUnresolved() && found.getAddress().isLoopbackAddress()) {
                return found;
            }
        }
        throw new IllegalArgumentException("the target is neither unix:PATH nor on loopback: " + address);
    }

    private static boolean isLocal(String host) {
        return host.equals("localhost") || LITERAL.matcher(host).matches();
    }
}
