import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs test classes and methods (Class or Class#method, fully named) and prints "caught by NAME" for
 * the first that fails, or "survived", or "no test" if nothing ran.
 */
public final class RunTests {
  private RunTests() {}

  public static void main(String[] names) throws ReflectiveOperationException {
    List<DiscoverySelector> selectors = new ArrayList<>();
    for (String name : names) {
      int hash = name.indexOf('#');
      if (hash < 0) {
        selectors.add(selectClass(name));
      } else {
        // Parameters of the method are unknown here, so it is looked up by its name.
        Class<?> type = Class.forName(name.substring(0, hash));
        for (var method : type.getDeclaredMethods()) {
          if (method.getName().equals(name.substring(hash + 1))) {
            selectors.add(selectMethod(type, method));
          }
        }
      }
    }
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request().selectors(selectors).build(), listener);
    TestExecutionSummary summary = listener.getSummary();
    if (!summary.getFailures().isEmpty()) {
      var first = summary.getFailures().get(0).getTestIdentifier();
      System.out.println("\ncaught by " + first.getDisplayName().replace("()", ""));
    } else {
      System.out.println("\n" + (summary.getTestsSucceededCount() == 0 ? "no test" : "survived"));
    }
    System.exit(0);
  }
}
