package dev.gatehold.internal.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "unix:.gatehold/agent.sock, .gatehold/agent.sock",
        "unix:/run/gatehold.sock, /run/gatehold.sock",
        "unix:///run/gatehold.sock, /run/gatehold.sock",
        "unix:a:1, a:1"
    })
    void sockets(String address, String path) {
        assertEquals(Optional.of(Path.of(path)), Target.parse(address).socket());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:8181", "127.8.9.10:1", "localhost:65535", "[::1]:8181"})
    void loopback(String address) {
        Target target = Target.parse(address);
        assertTrue(((InetSocketAddress) target.address()).getAddress().isLoopbackAddress());
        assertTrue(target.socket().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unix:",
                "unix://run/agent.sock",
                "unix:////run/agent.sock",
                "unix:/run/a%20b",
                "unix:/run/a?b",
                "unix:/run/a#b",
                "10.0.0.1:8181",
                "0.0.0.0:8181",
                "[::]:8181",
                "gate.example:8181",
                "localhost.example:8181",
                "127.1:8181",
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:99999",
                "127.0.0.1:-1",
                ":8181",
                "dns:///127.0.0.1:8181"
            })
    void everythingElseIsRefused(String address) {
        assertThrows(IllegalArgumentException.class, () -> Target.parse(address));
    }
}
