package dev.gatehold.internal.sidecar;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Closes a connection before anything is sent on it, unless the process at its other end is of the socket's owner or
 * root. The file alone does not tell who listens: it may have changed hands between the look at it and the connection.
 */
final class PeerCheck extends ChannelInboundHandlerAdapter {
    private final Path socket;

    PeerCheck(Path socket) {
        this.socket = socket;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws IOException {
        UnixDomainPrincipal peer =
                context.channel().config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        if (peer == null || !isTrusted(peer.user())) {
            context.fireExceptionCaught(new IOException("another user's process listens on " + socket));
            context.close();
            return;
        }
        context.fireChannelActive();
    }

    private boolean isTrusted(UserPrincipal user) throws IOException {
        UserPrincipal root =
                socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("root");
        return Objects.equals(user, Files.getOwner(socket, LinkOption.NOFOLLOW_LINKS)) || Objects.equals(user, root);
    }
}
