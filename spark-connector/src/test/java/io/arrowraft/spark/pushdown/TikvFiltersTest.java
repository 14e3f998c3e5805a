package io.arrowraft.spark.pushdown;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.coprocessor.plan.PlanPrinter;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.expressions.Cast;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.FieldReference;
import org.apache.spark.sql.connector.expressions.GeneralScalarExpression;
import org.apache.spark.sql.connector.expressions.LiteralValue;
import org.apache.spark.sql.connector.expressions.filter.AlwaysFalse;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Not;
import org.apache.spark.sql.connector.expressions.filter.Or;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TikvFiltersTest {
  private static final TableSchema SCHEMA =
      TableSchema.builder(7, TableName.parse("shop.orders"))
          .required("id", DataType.BIGINT)
          .column("price", DataType.decimal(15, 2))
          .column("name", DataType.STRING)
          .column("day", DataType.DATE)
          .column("flag", DataType.BOOLEAN)
          .column("rate", DataType.DOUBLE)
          .column("pieces", DataType.INTEGER)
          .column("extra", DataType.JSON)
          .primaryKey("id")
          .build();

  private static final List<String> NAMES =
      SCHEMA.columns().stream().map(column -> column.name()).toList();

  private static Expression column(String name) {
    return Expressions.column(name);
  }

  private static Predicate predicate(String name, Expression... children) {
    return new Predicate(name, children);
  }

  private static Expression number(long value) {
    return new LiteralValue<>(value, DataTypes.LongType);
  }

  private static Expression integer(int value) {
    return new LiteralValue<>(value, DataTypes.IntegerType);
  }

  private static Expression text(String value) {
    return new LiteralValue<>(UTF8String.fromString(value), DataTypes.StringType);
  }

  private static Expression money(String value) {
    return new LiteralValue<>(Decimal.apply(value), DataTypes.createDecimalType(15, 2));
  }

  private static Expression nullOf(org.apache.spark.sql.types.DataType type) {
    return new LiteralValue<>(null, type);
  }

  private static Expression scalar(String name, Expression... children) {
    return new GeneralScalarExpression(name, children);
  }

  static Stream<Arguments> pushed() {
    return Stream.of(
        Arguments.of(predicate("=", column("id"), number(3)), "id = 3"),
        Arguments.of(predicate("<>", column("name"), text("a%")), "name <> 'a%'"),
        Arguments.of(predicate("<=>", column("name"), text("a")), "name <=> 'a'"),
        Arguments.of(predicate(">=", column("price"), money("0.05")), "price >= 0.05"),
        Arguments.of(
            predicate("<", column("day"), new LiteralValue<>(0, DataTypes.DateType)),
            "day < DATE '1970-01-01'"),
        Arguments.of(
            predicate("=", column("flag"), new LiteralValue<>(true, DataTypes.BooleanType)),
            "flag = TRUE"),
        Arguments.of(predicate("IS_NULL", column("name")), "name IS NULL"),
        Arguments.of(predicate("IS_NOT_NULL", column("rate")), "rate IS NOT NULL"),
        Arguments.of(
            predicate("IN", column("id"), number(1), nullOf(DataTypes.LongType)),
            "id IN (1, NULL)"),
        Arguments.of(
            new Not(predicate("IN", column("id"), number(1), nullOf(DataTypes.LongType))),
            "NOT id IN (1, NULL)"),
        Arguments.of(
            predicate("STARTS_WITH", column("name"), text("a_")), "STARTS_WITH(name, 'a_')"),
        Arguments.of(
            new Or(
                predicate("=", column("id"), number(1)),
                new And(predicate("IS_NULL", column("name")), new AlwaysFalse())),
            "id = 1 OR (name IS NULL AND FALSE)"),
        Arguments.of(
            predicate(
                "=",
                new Cast(column("pieces"), DataTypes.IntegerType, DataTypes.LongType),
                number(3)),
            "CAST(pieces AS BIGINT) = 3"),
        Arguments.of(
            predicate(">", scalar("*", column("price"), money("2.00")), money("1.00")),
            "price * 2.00 > 1.00"));
  }

  @ParameterizedTest
  @MethodSource("pushed")
  void exactPredicatesArePushed(Predicate predicate, String condition) {
    TikvFilters filters = split(predicate);
    assertThat(filters.residual()).isEmpty();
    assertThat(filters.pushedPredicates()).containsExactly(predicate);
    assertThat(normalized(PlanPrinter.print(filters.conditions().get(0), NAMES)))
        .isEqualTo(normalized(condition));
  }

  /** The printer's parentheses are its own business. */
  private static String normalized(String text) {
    return text.replaceAll("[()]", "").toUpperCase(java.util.Locale.ROOT);
  }

  static Stream<Predicate> residual() {
    return Stream.of(
        // Unknown to stores, or with a meaning of their own.
        predicate("=", scalar("RAND"), new LiteralValue<>(0.5, DataTypes.DoubleType)),
        predicate("=", scalar("SUBSTRING", column("name"), integer(0)), text("a")),
        predicate("LIKE", column("name"), text("a%")),
        // JSON is no string to stores; nested names are no columns.
        predicate("=", column("extra"), text("{}")),
        predicate(
            "=",
            FieldReference.apply(
                scala.jdk.javaapi.CollectionConverters.asScala(List.of("name", "first")).toSeq()),
            text("a")),
        // A pattern that is no constant, or NULL.
        predicate("CONTAINS", text("abc"), column("name")),
        predicate("ENDS_WITH", column("name"), nullOf(DataTypes.StringType)),
        // Types that differ without a cast.
        predicate("=", column("pieces"), number(3)),
        // May fail on rows that another filter would have kept away.
        predicate("=", scalar("/", column("price"), column("price")), money("1.00")),
        predicate("=", scalar("%", column("id"), number(2)), number(0)),
        predicate("=", scalar("+", column("id"), number(2)), number(0)),
        // A cast that loses something, or depends on the time zone.
        predicate(
            "=", new Cast(column("id"), DataTypes.LongType, DataTypes.IntegerType), integer(3)),
        predicate(
            "=",
            new Cast(column("day"), DataTypes.DateType, DataTypes.TimestampType),
            new LiteralValue<>(0L, DataTypes.TimestampType)));
  }

  @ParameterizedTest
  @MethodSource("residual")
  void otherPredicatesStayWithSpark(Predicate predicate) {
    TikvFilters filters = split(predicate);
    assertThat(filters.pushed()).isEmpty();
    assertThat(filters.residual()).containsExactly(predicate);
  }

  @Test
  void everyPredicateIsEitherPushedOrResidual() {
    Predicate[] all =
        Stream.concat(pushed().map(each -> (Predicate) each.get()[0]), residual())
            .toArray(Predicate[]::new);
    TikvFilters filters = TikvFilters.of(all, new TikvExpressions(SCHEMA, true));
    assertThat(filters.pushed()).hasSize((int) pushed().count());
    assertThat(filters.residual()).hasSize((int) residual().count());
  }

  @Test
  void decimalLiteralsTakeTheirTypesScale() {
    Optional<io.arrowraft.coprocessor.plan.Expression.Literal> literal =
        PlanLiterals.of(new LiteralValue<>(Decimal.apply("7"), DataTypes.createDecimalType(15, 2)));
    assertThat(literal.orElseThrow().value()).contains(new java.math.BigDecimal("7.00"));
  }

  private static TikvFilters split(Predicate predicate) {
    return TikvFilters.of(new Predicate[] {predicate}, new TikvExpressions(SCHEMA, true));
  }
}
