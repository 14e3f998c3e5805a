package io.arrowraft.rpc.grpc;

import io.arrowraft.rpc.http.HttpHandler;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.util.List;

/**
 * Lets gRPC and HTTP/1.1 share a port. The first bytes of a connection tell which it is: HTTP/2
 * begins with a preface whose first word, {@code PRI}, is no method of HTTP/1.1 (RFC 9113, section
 * 3.4).
 */
final class SharedPort implements InternalProtocolNegotiator.ProtocolNegotiator {
  private final InternalProtocolNegotiator.ProtocolNegotiator grpc =
      InternalProtocolNegotiators.serverPlaintext();
  private final HttpHandler http;

  SharedPort(HttpHandler http) {
    this.http = http;
  }

  @Override
  public AsciiString scheme() {
    return grpc.scheme();
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler connection) {
    return new Sniffer(connection);
  }

  @Override
  public void close() {
    grpc.close();
  }

  /**
   * Waits for the first bytes, puts the right handlers behind itself and leaves; what it has read
   * goes to them. A connection on which nothing comes is ended by gRPC's bound on handshakes.
   */
  private final class Sniffer extends ByteToMessageDecoder {
    private static final String PREFACE = "PRI ";

    private final GrpcHttp2ConnectionHandler connection;
    private Object begin;

    Sniffer(GrpcHttp2ConnectionHandler connection) {
      this.connection = connection;
    }

    /** gRPC starts its negotiation with an event, which is kept until it is known to be gRPC. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (begin == null) {
        begin = event;
      } else {
        super.userEventTriggered(context, event);
      }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      if (in.readableBytes() < PREFACE.length()) {
        return;
      }
      if (isPreface(in)) {
        context.pipeline().addAfter(context.name(), null, grpc.newHandler(connection));
        context.fireUserEventTriggered(begin);
      } else {
        // Not at the end: there gRPC's own last handler takes whatever reaches it for an error.
        String place = context.name();
        for (ChannelHandler next : HttpExchange.handlers(http)) {
          context.pipeline().addAfter(place, null, next);
          place = context.pipeline().context(next).name();
        }
      }
      context.pipeline().remove(this);
    }

    private static boolean isPreface(ByteBuf in) {
      for (int i = 0; i < PREFACE.length(); i++) {
        if (in.getByte(in.readerIndex() + i) != PREFACE.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }
}
