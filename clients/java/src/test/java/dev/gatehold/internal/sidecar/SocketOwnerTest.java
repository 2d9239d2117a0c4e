package dev.gatehold.internal.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketOwnerTest {
    private static final int NOBODY = 65_534;

    @TempDir
    Path folder;

    private Path socket;
    private ServerSocketChannel listener;

    @BeforeEach
    void listen() throws IOException {
        socket = folder.resolve("agent.sock");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    private String distrust(Path path) {
        return new SocketOwner(path, Set.of()).distrust();
    }

    @Test
    void thisUsersSocketIsTrusted() {
        assertEquals("", distrust(socket));
    }

    @Test
    void noSocketIsNot() {
        assertDistrust("there is no socket", folder.resolve("other.sock"));
    }

    @Test
    void aFileIsNot() throws IOException {
        assertDistrust("is not a socket", Files.createFile(folder.resolve("file")));
    }

    @Test
    void aLinkToASocketIsNot() throws IOException {
        assertDistrust("is not a socket", Files.createSymbolicLink(folder.resolve("link"), socket));
    }

    @Test
    void aLinkToItsFolderIs() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
        assertEquals("", distrust(link.resolve("agent.sock")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx----w-", "rwxrwxrwx"})
    void aFolderThatOthersCanWriteToIsNot(String permissions) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        assertDistrust("others could put a socket of their own into", socket);
    }

    @Test
    void anotherUsersSocketIsNot() throws IOException {
        assertForeign(socket, socket);
    }

    @Test
    void anotherUsersFolderIsNot() throws IOException {
        assertForeign(folder, socket);
    }

    @Test
    void anotherUsersLinkToTheFolderIsNot() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
        assertForeign(link, link.resolve("agent.sock"));
    }

    /** Gives {@code owned} to another user. */
    private void assertForeign(Path owned, Path path) throws IOException {
        assumeTrue(new UnixSystem().getUid() == 0, "only root can give files away");
        Files.setAttribute(owned, "unix:uid", NOBODY, LinkOption.NOFOLLOW_LINKS);
        assertDistrust("belongs to user 65534: if that is the sidecar's, set GATEHOLD_SIDECAR_UID to it", path);
        assertEquals("", new SocketOwner(path, Set.of((long) NOBODY)).distrust());
    }

    private void assertDistrust(String why, Path path) {
        assertTrue(distrust(path).contains(why), distrust(path));
    }
}
