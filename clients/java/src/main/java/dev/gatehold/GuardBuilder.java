package dev.gatehold;

import dev.gatehold.internal.sidecar.Connection;
import dev.gatehold.internal.sidecar.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Settings of a {@link Guard}. */
public final class GuardBuilder {
    private static final String DEFAULT_TARGET = "unix:.gatehold/agent.sock";
    private static final Duration CONNECTING = Duration.ofSeconds(5);

    private final Map<String, ObligationHandler> handlers = new HashMap<>();
    private Map<String, String> environment = System.getenv();
    private String target;
    private Path tokenFile;
    private Duration deadline = Duration.ofSeconds(1);
    private Duration renewal = Duration.ofSeconds(100);
    private Long sidecarUid;
    private boolean recordErrorText;

    GuardBuilder() {}

    /**
     * Says where the sidecar is.
     *
     * @param address {@code unix:PATH}, or {@code HOST:PORT} on loopback; default the variable GATEHOLD_SIDECAR, else
     *     {@code unix:.gatehold/agent.sock}
     * @return this
     */
    public GuardBuilder target(String address) {
        target = address;
        return this;
    }

    /**
     * Says where the key or token is: for TCP, or a decision point that is called directly.
     *
     * @param file default the variable GATEHOLD_TOKEN_FILE, else none: on a Unix socket, the socket is the identity
     * @return this
     */
    public GuardBuilder tokenFile(Path file) {
        tokenFile = file;
        return this;
    }

    /**
     * Bounds the wait for a decision.
     *
     * @param longest above 0; default 1 s
     * @return this
     */
    public GuardBuilder deadline(Duration longest) {
        if (longest.isNegative() || longest.isZero()) {
            throw new IllegalArgumentException("the deadline must be above 0: without one a call could hang");
        }
        deadline = longest;
        return this;
    }

    /**
     * Says what meets the obligations of a type. {@code notification} is known, and logged at INFO on
     * {@code gatehold.obligation}; a type without a handler blocks.
     *
     * @param type of obligation
     * @param handler what meets them
     * @return this
     */
    public GuardBuilder handler(String type, ObligationHandler handler) {
        handlers.put(type, handler);
        return this;
    }

    /**
     * Says whose sockets to trust beside those of this user and root.
     *
     * @param uid user id of a sidecar that runs as another user; default the variable GATEHOLD_SIDECAR_UID, else none
     * @return this
     */
    public GuardBuilder sidecarUid(long uid) {
        sidecarUid = uid;
        return this;
    }

    /**
     * Also tells the text of what a guarded function throws, cut at 4,096 bytes. By default only its type is told, for
     * the text often quotes arguments, and no list of sensitive arguments can find them there.
     *
     * @param tell default false
     * @return this
     */
    public GuardBuilder recordErrorText(boolean tell) {
        recordErrorText = tell;
        return this;
    }

    /**
     * Opens the guard, and waits for the connection, at most 5 s: it takes longer than many a decision may. A sidecar
     * that is not there is no error here, and a block at each call.
     *
     * @return to be closed
     * @throws IllegalArgumentException when the target is not local, the token is none, or the variable is no user id
     * @throws UncheckedIOException when the token file cannot be read
     */
    public Guard open() {
        String named = target == null ? environment.getOrDefault("GATEHOLD_SIDECAR", "") : target;
        Target resolved = Target.parse(named.isEmpty() ? DEFAULT_TARGET : named);
        Connection connection = new Connection(resolved, token(), uids());
        connection.connect(CONNECTING);
        return new Guard(connection, this);
    }

    /** For tests. */
    GuardBuilder environment(Map<String, String> variables) {
        environment = variables;
        return this;
    }

    /** For tests. A claim lasts 5 min. */
    GuardBuilder renewal(Duration period) {
        renewal = period;
        return this;
    }

    Map<String, ObligationHandler> handlers() {
        return handlers;
    }

    Duration deadline() {
        return deadline;
    }

    Duration renewal() {
        return renewal;
    }

    boolean recordErrorText() {
        return recordErrorText;
    }

    private Optional<String> token() {
        String variable = environment.getOrDefault("GATEHOLD_TOKEN_FILE", "");
        if (tokenFile == null && variable.isEmpty()) {
            return Optional.empty();
        }
        Path file = tokenFile == null ? Path.of(variable) : tokenFile;
        try {
            String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
            if (!token.matches("[!-~]+")) { // a line break would begin another header
                throw new IllegalArgumentException(
                        "the token file holds no token of visible ASCII characters: " + file);
            }
            return Optional.of(token);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private Set<Long> uids() {
        String variable = environment.getOrDefault("GATEHOLD_SIDECAR_UID", "");
        if (sidecarUid != null) {
            return Set.of(sidecarUid);
        }
        if (!variable.matches("[0-9]{0,10}")) {
            throw new IllegalArgumentException("GATEHOLD_SIDECAR_UID is not a user id: " + variable);
        }
        return variable.isEmpty() ? Set.of() : Set.of(Long.valueOf(variable));
    }
}
