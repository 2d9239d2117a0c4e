package dev.gatehold.example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gatehold.ApprovalPendingException;
import dev.gatehold.Arguments;
import dev.gatehold.Guard;
import dev.gatehold.Guarded;
import dev.gatehold.NotAllowedException;
import dev.gatehold.Options;
import dev.gatehold.digest.InvalidInputException;
import dev.gatehold.digest.Json;
import dev.gatehold.digest.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A service with one guarded action: {@code POST /refunds} with a charge and an amount. */
public final class RefundService implements AutoCloseable {
    private static final int PORT = 8080;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);
    private final Guarded<String, RuntimeException> refund;
    private final HttpServer server;

    /**
     * Starts it on loopback.
     *
     * @param guard in front of its action
     * @param port 0 for any that is free
     * @throws IOException when it cannot listen there
     */
    public RefundService(Guard guard, int port) throws IOException {
        // Nobody waits for people here: the caller gets their approval's id, and what they approved runs later.
        refund =
                guard.protect("stripe:create_refund", Options.none().withTimeout(Duration.ZERO), RefundService::refund);
        threads.scheduleWithFixedDelay(() -> resume(guard), 0, 2, TimeUnit.SECONDS);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/refunds", this::answer);
        server.start();
    }

    /**
     * Runs it until it is interrupted. Where the sidecar is, GATEHOLD_SIDECAR says.
     *
     * @param args none
     * @throws IOException when it cannot listen
     * @throws InterruptedException when it is to end
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try (Guard guard = Guard.open();
                RefundService service = new RefundService(guard, PORT)) {
            System.out.println("listening on 127.0.0.1:" + service.port());
            Thread.currentThread().join();
        }
    }

    /**
     * Tells where it listens.
     *
     * @return the port
     */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** Runs on an allow, or once people approved. The approval's id would be the payment provider's idempotency key. */
    private static String refund(Arguments asked) {
        return "refunded " + asked.integer("amount") + " of " + asked.text("charge");
    }

    private static void resume(Guard guard) {
        try {
            guard.resume().forEach(done -> System.out.println(done.error() == null ? done.result() : done.error()));
        } catch (RuntimeException error) { // the next time may go better
            System.err.println(error.getMessage());
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(Limits.MAX_BYTES + 1);
            try {
                Map<String, Object> args = Json.parseObject(body, "body");
                respond(exchange, 200, refund.call(args));
            } catch (ApprovalPendingException pending) {
                respond(
                        exchange,
                        202,
                        "a person must approve: " + pending.approval().getApprovalId());
            } catch (NotAllowedException refused) {
                respond(exchange, 403, refused.getMessage());
            } catch (InvalidInputException error) {
                respond(exchange, 400, error.getMessage());
            } catch (IllegalArgumentException error) {
                respond(exchange, 422, error.getMessage());
            }
        }
    }

    private static void respond(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
