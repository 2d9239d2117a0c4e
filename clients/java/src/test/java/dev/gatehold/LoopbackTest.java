package dev.gatehold;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoopbackTest extends GateTest {
    @Test
    void aPortOnLoopbackIsAskedToo() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Server server =
                NettyServerBuilder.forAddress(any).addService(gate).build().start();
        String target = "127.0.0.1:" + server.getPort();
        try (Guard remote =
                Guard.builder().target(target).deadline(Duration.ofSeconds(30)).open()) {
            assertTrue(remote.evaluate(VERB, Map.of()).allowed());
            server.shutdownNow().awaitTermination();
            assertFalse(remote.evaluate(VERB, Map.of()).allowed());
        } finally {
            server.shutdownNow();
        }
    }
}
