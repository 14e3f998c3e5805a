package io.arrowraft.cli.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.UnaryOperator;

/**
 * By which other commands talk to a running {@code up}: a socket in its data directory, so that who
 * may write there may ask. One line is asked, one line is answered; an answer that begins with
 * {@code error: } is a refusal.
 */
public final class ControlSocket implements AutoCloseable {
  private static final String NAME = "up.sock";
  private static final String REFUSAL = "error: ";

  private final ServerSocketChannel server;
  private final Path path;
  private final UnaryOperator<String> answers;

  private ControlSocket(ServerSocketChannel server, Path path, UnaryOperator<String> answers) {
    this.server = server;
    this.path = path;
    this.answers = answers;
  }

  /**
   * Listens until it is closed.
   *
   * @param answers what is said to a line; what it throws is told as a refusal
   * @throws IOException if the system has no such sockets, or the path is too long for one
   */
  static ControlSocket open(Path data, UnaryOperator<String> answers) throws IOException {
    Path path = data.resolve(NAME);
    // Of a process that was killed: whoever runs here holds the directories of the nodes.
    Files.deleteIfExists(path);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException | UnsupportedOperationException refused) {
      server.close();
      throw refused;
    }
    ControlSocket socket = new ControlSocket(server, path, answers);
    Thread listener = new Thread(socket::listen, "control");
    listener.setDaemon(true);
    listener.start();
    return socket;
  }

  /**
   * Asks the {@code up} that runs over a directory.
   *
   * @throws IllegalStateException if none runs there, or it refuses
   */
  public static String ask(Path data, String line) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(data.toAbsolutePath().resolve(NAME)))) {
      channel.write(StandardCharsets.UTF_8.encode(line + "\n"));
      String answer = reader(channel).readLine();
      if (answer == null) {
        throw new IllegalStateException("the `up` of " + data + " ended before it answered");
      }
      if (answer.startsWith(REFUSAL)) {
        throw new IllegalStateException(answer.substring(REFUSAL.length()));
      }
      return answer;
    } catch (IOException nobody) {
      throw new IllegalStateException(
          "no `up` runs over %s (%s); --data must be the directory that it was given"
              .formatted(data, nobody.getMessage()),
          nobody);
    }
  }

  private void listen() {
    while (server.isOpen()) {
      try (SocketChannel caller = server.accept()) {
        String line = reader(caller).readLine();
        if (line != null) {
          caller.write(StandardCharsets.UTF_8.encode(answer(line) + "\n"));
        }
      } catch (IOException broken) {
        // A caller that went away, or the end of this socket, which ends the loop.
        continue;
      }
    }
  }

  private String answer(String line) {
    try {
      return answers.apply(line);
    } catch (RuntimeException refused) {
      return REFUSAL + String.valueOf(refused.getMessage()).replace('\n', ' ');
    }
  }

  private static BufferedReader reader(SocketChannel channel) {
    return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(path);
    } catch (IOException kept) {
      // The next `up` removes it.
      return;
    }
  }
}
