package dev.gatehold.internal.sidecar;

import dev.gatehold.v1.DecisionPointServiceGrpc;
import dev.gatehold.v1.DecisionPointServiceGrpc.DecisionPointServiceBlockingStub;
import dev.gatehold.v1.DecisionPointServiceGrpc.DecisionPointServiceStub;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The channel to one target. Every call looks first whose socket it is, for the socket may be replaced. */
public final class Connection implements AutoCloseable {
    private static final int MOST_BYTES = 8 * 1024 * 1024;
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final EventLoopGroup events = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("gatehold-io", true), NioIoHandler.newFactory());
    private final ManagedChannel channel;
    private final Optional<SocketOwner> owner;
    private final Channel guarded;

    /**
     * Connects at the first call, or where it is told to.
     *
     * @param target where to
     * @param token sent with every call; empty for none
     * @param sidecarUids users, beside this one and root, whose sockets are trusted
     */
    public Connection(Target target, Optional<String> token, Set<Long> sidecarUids) {
        channel = channel(target);
        owner = target.socket().map(socket -> new SocketOwner(socket, sidecarUids));
        Metadata headers = new Metadata();
        token.ifPresent(secret -> headers.put(AUTHORIZATION, "Bearer " + secret));
        guarded = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers), new Look());
    }

    /**
     * Waits until it is connected, or cannot be. Loading all that a connection needs takes longer than many a call may.
     *
     * @param longest how long to wait
     */
    public void connect(Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        ConnectivityState state = distrust().isEmpty() ? channel.getState(true) : ConnectivityState.SHUTDOWN;
        try {
            while (state == ConnectivityState.IDLE || state == ConnectivityState.CONNECTING) {
                CountDownLatch changed = new CountDownLatch(1);
                channel.notifyWhenStateChanged(state, changed::countDown);
                if (!changed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return;
                }
                state = channel.getState(true);
            }
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Gives the stub for blocking calls.
     *
     * @return it, without a deadline
     */
    public DecisionPointServiceBlockingStub blocking() {
        return DecisionPointServiceGrpc.newBlockingStub(guarded);
    }

    /**
     * Gives the stub for streams.
     *
     * @return it, without a deadline
     */
    public DecisionPointServiceStub streaming() {
        return DecisionPointServiceGrpc.newStub(guarded);
    }

    /**
     * Tells whether it is closed.
     *
     * @return then every call fails
     */
    public boolean isClosed() {
        return channel.isShutdown();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        // Not at once: threads that wait for the gate have their calls to end there.
        events.shutdownGracefully(1, 5, TimeUnit.SECONDS);
    }

    private ManagedChannel channel(Target target) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(target.address())
                .overrideAuthority("localhost") // a path is none
                .usePlaintext()
                .eventLoopGroup(events)
                .channelType(NioSocketChannel.class, null)
                .proxyDetector(address -> null)
                .disableRetry()
                .disableServiceConfigLookUp()
                .maxInboundMessageSize(MOST_BYTES);
        // A Unix socket has no keep-alive, and says so in the log at each connection unless it is not asked for.
        target.socket()
                .ifPresent(socket -> builder.channelFactory(() -> domainSocket(socket))
                        .withOption(ChannelOption.SO_KEEPALIVE, null));
        return builder.build();
    }

    private String distrust() {
        return owner.map(SocketOwner::distrust).orElse("");
    }

    private static NioDomainSocketChannel domainSocket(Path socket) {
        NioDomainSocketChannel connection = new NioDomainSocketChannel();
        connection.pipeline().addFirst(new PeerCheck(socket));
        return connection;
    }

    private final class Look implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            String why = distrust();
            if (!why.isEmpty()) {
                throw Status.UNAVAILABLE.withDescription(why).asRuntimeException();
            }
            // Else gRPC would wait, up to minutes, before it looks again for a sidecar that was away.
            if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
                channel.enterIdle();
            }
            return next.newCall(method, options);
        }
    }
}
