package dev.gatehold.internal.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import dev.gatehold.v1.EvaluateRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listener is a process of another user, started as root; its socket's file is made to look like this user's. */
class PeerCheckTest {
    private static final long NOBODY = 65_534;
    private static final String LISTENER = """
            import os, socket, sys
            os.chmod(os.path.dirname(sys.argv[1]), 0o777)
            listener = socket.socket(socket.AF_UNIX)
            os.setuid(65534)
            listener.bind(sys.argv[1])
            listener.listen()
            print("listening", flush=True)
            connection, _ = listener.accept()
            print(len(connection.recv(1024)), flush=True)
            """;

    @TempDir
    Path folder;

    @Test
    void nothingIsSentToAnotherUsersProcess() throws Exception {
        assumeTrue(new UnixSystem().getUid() == 0, "only root can start a process of another user");
        Path socket = folder.resolve("agent.sock");
        Process listener = new ProcessBuilder("python3", "-c", LISTENER, socket.toString()).start();
        try (var said = listener.inputReader()) {
            assertEquals("listening", said.readLine());
            seemsRootsOwn(socket, folder);
            try (Connection connection = new Connection(Target.parse("unix:" + socket), Optional.empty(), Set.of())) {
                assertUnavailable(connection);
            }
            assertEquals("0", said.readLine());
        } finally {
            listener.destroyForcibly().waitFor();
        }
    }

    private static void seemsRootsOwn(Path socket, Path folder) throws IOException {
        Files.setAttribute(socket, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(folder, "unix:mode", 0700);
    }

    private static void assertUnavailable(Connection connection) {
        StatusRuntimeException error = assertThrows(
                StatusRuntimeException.class,
                () -> connection
                        .blocking()
                        .withDeadlineAfter(30, TimeUnit.SECONDS)
                        .evaluate(EvaluateRequest.getDefaultInstance()));
        assertEquals(Status.Code.UNAVAILABLE, error.getStatus().getCode());
        assertTrue(
                String.valueOf(error.getStatus()).contains("another user's process"),
                String.valueOf(error.getStatus()));
    }
}
