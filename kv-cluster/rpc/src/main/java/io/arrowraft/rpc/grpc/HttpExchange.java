package io.arrowraft.rpc.grpc;

import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.runtime.Async;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderValues;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObjectAggregator;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.timeout.ReadTimeoutException;
import io.grpc.netty.shaded.io.netty.handler.timeout.ReadTimeoutHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/1.1 request and its answer, after which the connection is closed: operators ask rarely,
 * and a connection that ends needs no further bounds.
 */
final class HttpExchange extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);
  private static final int REQUEST_BYTES_MAX = 1 << 20;

  /** How long a request may take to arrive and to be answered. */
  private static final int SECONDS_MAX = 30;

  private final HttpHandler handler;
  private boolean asked;

  private HttpExchange(HttpHandler handler) {
    this.handler = handler;
  }

  /** What a connection needs, in the order of its pipeline. */
  static List<ChannelHandler> handlers(HttpHandler handler) {
    return List.of(
        new ReadTimeoutHandler(SECONDS_MAX, TimeUnit.SECONDS),
        new HttpServerCodec(),
        new HttpObjectAggregator(REQUEST_BYTES_MAX),
        new HttpExchange(handler));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
    if (asked) {
      // Sent after the first request without waiting for its answer, which closes the connection.
      return;
    }
    asked = true;
    boolean head = message.method().equals(HttpMethod.HEAD);
    if (message.decoderResult().isFailure()) {
      write(context, HttpAnswer.error(400, "this is not an HTTP request"), head);
      return;
    }
    CompletionStage<HttpAnswer> answer;
    try {
      answer =
          handler.handle(
              HttpRequest.of(
                  message.method().name(),
                  message.uri(),
                  message.content().toString(StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException invalid) {
      write(context, HttpAnswer.error(400, String.valueOf(invalid.getMessage())), head);
      return;
    } catch (RuntimeException failure) {
      write(context, failed(message.uri(), failure), head);
      return;
    }
    String uri = message.uri();
    answer.whenComplete(
        (value, failure) ->
            write(context, failure == null ? value : failed(uri, Async.cause(failure)), head));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof ReadTimeoutException)) {
      LOG.debug("HTTP connection broke: peer={}", context.channel().remoteAddress(), cause);
    }
    context.close();
  }

  private static HttpAnswer failed(String uri, Throwable failure) {
    if (failure instanceof IllegalArgumentException) {
      return HttpAnswer.error(400, String.valueOf(failure.getMessage()));
    }
    LOG.atWarn().addKeyValue("uri", uri).setCause(failure).log("HTTP request failed");
    return HttpAnswer.error(500, failure.toString());
  }

  private static void write(ChannelHandlerContext context, HttpAnswer answer, boolean head) {
    byte[] body = answer.bytes();
    ByteBuf content = head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), content);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }
}
