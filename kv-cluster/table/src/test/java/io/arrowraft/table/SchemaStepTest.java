package io.arrowraft.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchemaStepTest {
  private static final TableSchema BEFORE =
      TableSchema.builder(3, TableName.parse("shop.people"))
          .required("id", DataType.BIGINT)
          .column("mail", DataType.STRING)
          .required("age", DataType.INTEGER)
          .primaryKey("id")
          .autoId(new AutoId.Random(5))
          .build();

  @Test
  void anIndexGoesItsWayAndItsIdIsNotUsedAgain() {
    TableSchema added = SchemaStep.addIndex(BEFORE, "by_mail", true, List.of("MAIL"));
    IndexSchema index = added.index("by_mail").orElseThrow();
    assertThat(index)
        .isEqualTo(new IndexSchema(1, "by_mail", List.of(2L), true, SchemaState.DELETE_ONLY));
    assertThat(added.schemaVersion()).isEqualTo(2);
    TableSchema open = SchemaStep.index(added, 1, SchemaState.PUBLIC);
    assertThat(open.index("by_mail").orElseThrow().state().reads()).isTrue();
    TableSchema gone = SchemaStep.index(open, 1, SchemaState.ABSENT);
    assertThat(gone.indexes()).isEmpty();
    TableSchema again = SchemaStep.addIndex(gone, "by_mail", true, List.of("mail"));
    assertThat(again.index("by_mail").orElseThrow().id()).isEqualTo(2);
    assertThat(TableSchemaCodec.decode(TableSchemaCodec.encode(again))).isEqualTo(again);
    assertThatThrownBy(() -> SchemaStep.addIndex(again, "By_Mail", true, List.of("mail")))
        .isInstanceOf(SchemaException.class);
  }

  @Test
  void aNewColumnIsWrittenBeforeItIsSeen() {
    TableSchema added =
        SchemaStep.addColumn(BEFORE, "city", DataType.STRING, false, Optional.of("Ulm"));
    assertThat(added.column("city")).isEmpty();
    assertThat(added.asWritten()).isSameAs(added);
    TableSchema written = SchemaStep.column(added, 4, SchemaState.WRITE_ONLY);
    assertThat(written.column("city")).isEmpty();
    assertThat(written.asWritten().column("city"))
        .map(Column::defaultValue)
        .contains(Optional.of("Ulm"));
    assertThat(TableSchemaCodec.decode(TableSchemaCodec.encode(written))).isEqualTo(written);
    TableSchema open = SchemaStep.column(written, 4, SchemaState.PUBLIC);
    assertThat(open.columns())
        .extracting(Column::name)
        .containsExactly("id", "mail", "age", "city");
    assertThat(open.asWritten()).isSameAs(open);
    assertThatThrownBy(
            () -> SchemaStep.addColumn(BEFORE, "city", DataType.STRING, false, Optional.empty()))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("city");
  }

  @Test
  void aColumnThatLeavesStillHasAValueForThoseWhoSeeIt() {
    TableSchema leaving = SchemaStep.column(BEFORE, 3, SchemaState.WRITE_ONLY);
    assertThat(leaving.column("age")).isEmpty();
    assertThat(leaving.asWritten().column("age"))
        .map(Column::defaultValue)
        .contains(Optional.of(0));
    TableSchema gone =
        SchemaStep.column(
            SchemaStep.column(leaving, 3, SchemaState.DELETE_ONLY), 3, SchemaState.ABSENT);
    assertThat(gone.columns()).hasSize(2);
    TableSchema other = SchemaStep.addColumn(gone, "age", DataType.DATE, true, Optional.empty());
    assertThat(other.evolution().columns().get(0).column().id()).isEqualTo(4);
  }

  @Test
  void columnsThatOthersNeedStay() {
    TableSchema indexed = SchemaStep.addIndex(BEFORE, "by_mail", false, List.of("mail"));
    assertThatThrownBy(() -> SchemaStep.requireDroppable(indexed, "mail"))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("by_mail");
    assertThatThrownBy(() -> SchemaStep.requireDroppable(indexed, "id"))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("primary key");
    assertThat(SchemaStep.requireDroppable(indexed, "age").id()).isEqualTo(3);
  }

  @Test
  void aNewNameChangesNothingElse() {
    TableSchema renamed = SchemaStep.renameColumn(BEFORE, "mail", "address");
    assertThat(renamed.column("address")).map(Column::id).contains(2L);
    assertThat(renamed.column("mail")).isEmpty();
    assertThatThrownBy(() -> SchemaStep.renameColumn(BEFORE, "mail", "Age"))
        .isInstanceOf(SchemaException.class);
  }

  @Test
  void schemasOfTheFirstFormatAreStillRead() {
    // shop.t (id BIGINT NOT NULL PRIMARY KEY), table 1, version 1, public.
    byte[] stored =
        HexFormat.of()
            .parseHex(
                "01"
                    + "0000000000000001"
                    + "000473686f70"
                    + "000174"
                    + "0000000000000001"
                    + "04"
                    + "00000001"
                    + "0000000000000001"
                    + "00026964"
                    + "0006424947494e54"
                    + "00"
                    + "00"
                    + "01"
                    + "0000000000000001"
                    + "00000000");
    assertThat(TableSchemaCodec.decode(stored))
        .isEqualTo(
            TableSchema.builder(1, TableName.parse("shop.t"))
                .required("id", DataType.BIGINT)
                .primaryKey("id")
                .build());
  }

  @Test
  void randomIdsKeepTheirCounterAndTheSignBit() {
    AutoId.Random random = new AutoId.Random(5);
    for (long startTs = 1; startTs < 100; startTs++) {
      long id = random.idOf(17, startTs << 18);
      assertThat(id).isPositive();
      assertThat(id & (1L << random.counterBits()) - 1).isEqualTo(17);
    }
    assertThatThrownBy(() -> random.idOf(1L << 58, 1)).isInstanceOf(ValueException.class);
  }
}
