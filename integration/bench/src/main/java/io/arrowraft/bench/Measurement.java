package io.arrowraft.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Measures one store: what runs in a process of its own. */
public final class Measurement {
  private Measurement() {}

  /**
   * @param args class of the {@link TargetFactory}, directory, options
   */
  public static void main(String[] args) throws ReflectiveOperationException, InterruptedException {
    TargetFactory factory =
        (TargetFactory) Class.forName(args[0]).getDeclaredConstructor().newInstance();
    List<String> options = Arrays.asList(args).subList(2, args.length);
    measure(factory, Path.of(args[1]), Settings.parse(options));
    // Some peers leave threads behind.
    System.exit(0);
  }

  static void measure(TargetFactory factory, Path directory, Settings settings)
      throws InterruptedException {
    try (KeyValueTarget target = factory.open(directory, settings.regions())) {
      Load load = new Load(target);
      for (int clients : settings.clients()) {
        print(load.puts(clients, settings.warmUpMillis(), settings.millis()));
        print(load.gets(clients, settings.warmUpMillis(), settings.millis()));
      }
    }
  }

  private static void print(Figures figures) {
    System.out.println(figures.encode());
  }
}
