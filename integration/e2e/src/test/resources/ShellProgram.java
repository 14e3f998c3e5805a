import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What a user types beside Spark and the connector's jar. Arguments: address, table, a numeric column. */
public class ShellProgram {
  public static void main(String[] arguments) {
    for (String absent : List.of("io.grpc.ManagedChannel", "io.arrowraft.client.ArrowraftClient")) {
      try {
        Class.forName(absent);
        throw new IllegalStateException(absent + " must not be on the class path of this program");
      } catch (ClassNotFoundException expected) {
        System.out.println("absent: " + absent);
      }
    }
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "1")
            .getOrCreate();
    Dataset<Row> table =
        spark
            .read()
            .format("tikv")
            .option("pd.addresses", arguments[0])
            .option("table", arguments[1])
            .load();
    table.createOrReplaceTempView("t");
    Dataset<Row> total = spark.sql("SELECT count(*), sum(" + arguments[2] + ") FROM t");
    System.out.println("answer: " + total.head().mkString(" "));
    System.out.println("rows: " + table.collectAsList().size());
    System.out.println("plan: " + total.queryExecution().executedPlan().toString().replace('\n', ' '));
    spark.stop();
  }
}
