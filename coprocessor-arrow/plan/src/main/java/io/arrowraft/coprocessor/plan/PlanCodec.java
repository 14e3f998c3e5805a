package io.arrowraft.coprocessor.plan;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.arrowraft.coprocessor.plan.PlanException.Code;
import io.arrowraft.coprocessor.plan.proto.Aggregate;
import io.arrowraft.coprocessor.plan.proto.ColumnSource;
import io.arrowraft.coprocessor.plan.proto.EncodedPlan;
import io.arrowraft.coprocessor.plan.proto.EncodedSummary;
import io.arrowraft.coprocessor.plan.proto.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Between plan requests and the bytes that travel in a coprocessor request. */
public final class PlanCodec {
  /** The newest format that this code reads, and the one it writes. */
  public static final int VERSION = 1;

  /** Longest encoded plan. */
  public static final int PLAN_BYTES_MAX = 4 << 20;

  // Each level of an expression nests two messages, and a few enclose the outermost one.
  private static final int MESSAGE_DEPTH_MAX = 2 * ExpressionValidator.DEPTH_MAX + 16;

  private PlanCodec() {}

  /** Validates the request and encodes it. */
  public static byte[] encode(PlanRequest request) {
    PlanValidator.validate(request);
    EncodedPlan.Builder plan =
        EncodedPlan.newBuilder()
            .setVersion(VERSION)
            .setBatchRowsMax(request.batchRowsMax())
            .setMemoryLimitBytes(request.memoryLimitBytes())
            .setSessionTimeZone(request.sessionTimeZone())
            .setAnsi(request.ansi())
            .setFloatingSumAllowed(request.floatingSumAllowed());
    for (PlanNode node : PlanValidator.chain(request.plan())) {
      plan.addNodes(encodeNode(node));
    }
    byte[] bytes = plan.build().toByteArray();
    if (bytes.length > PLAN_BYTES_MAX) {
      throw new PlanException(
          Code.TOO_LARGE,
          "the plan has " + bytes.length + " bytes, at most " + PLAN_BYTES_MAX + " are allowed");
    }
    return bytes;
  }

  private static Node encodeNode(PlanNode node) {
    Node.Builder encoded = Node.newBuilder();
    if (node instanceof PlanNode.TableScan scan) {
      var target = encoded.getTableScanBuilder();
      target.setTableId(scan.tableId()).setDescending(scan.descending());
      scan.columns().forEach(column -> target.addColumns(encodeColumn(column)));
    } else if (node instanceof PlanNode.Selection selection) {
      var target = encoded.getSelectionBuilder();
      selection.conditions().forEach(each -> target.addConditions(ExpressionCodec.encode(each)));
    } else if (node instanceof PlanNode.Projection projection) {
      var target = encoded.getProjectionBuilder();
      projection.expressions().forEach(each -> target.addExpressions(ExpressionCodec.encode(each)));
    } else if (node instanceof PlanNode.PartialAggregation aggregation) {
      var target = encoded.getPartialAggregationBuilder();
      aggregation.groupBy().forEach(each -> target.addGroupBy(ExpressionCodec.encode(each)));
      aggregation.aggregates().forEach(each -> target.addAggregates(encodeAggregate(each)));
    } else if (node instanceof PlanNode.TopN topN) {
      var target = encoded.getTopNBuilder().setCount(topN.count());
      for (SortKey key : topN.keys()) {
        target
            .addKeysBuilder()
            .setExpression(ExpressionCodec.encode(key.expression()))
            .setDescending(key.descending())
            .setNullsFirst(key.nullsFirst());
      }
    } else if (node instanceof PlanNode.Limit limit) {
      encoded.getLimitBuilder().setCount(limit.count());
    }
    return encoded.build();
  }

  private static io.arrowraft.coprocessor.plan.proto.ScanColumn encodeColumn(ScanColumn column) {
    var target =
        io.arrowraft.coprocessor.plan.proto.ScanColumn.newBuilder()
            .setColumnId(column.columnId())
            .setUnsigned(column.unsigned())
            .setType(ExpressionCodec.encodeType(column.type()));
    if (column.source() instanceof io.arrowraft.table.ColumnSource.HandlePart part) {
      target.setSource(ColumnSource.SOURCE_HANDLE_PART).setHandlePart(part.position());
    } else if (column.source() instanceof io.arrowraft.table.ColumnSource.Handle) {
      target.setSource(ColumnSource.SOURCE_HANDLE);
    } else {
      target.setSource(ColumnSource.SOURCE_VALUE);
    }
    column.defaultValue().ifPresent(each -> target.setDefaultValue(ExpressionCodec.encode(each)));
    return target.build();
  }

  private static Aggregate encodeAggregate(AggregateCall aggregate) {
    Aggregate.Builder target =
        Aggregate.newBuilder()
            .setFunction(aggregate.function().code())
            .setType(ExpressionCodec.encodeType(aggregate.type()));
    aggregate.argument().ifPresent(each -> target.setArgument(ExpressionCodec.encode(each)));
    return target.build();
  }

  /** Decodes and validates; every fault of the bytes is a {@link PlanException}. */
  public static PlanRequest decode(byte[] bytes) {
    if (bytes.length > PLAN_BYTES_MAX) {
      throw new PlanException(
          Code.TOO_LARGE,
          "the plan has " + bytes.length + " bytes, at most " + PLAN_BYTES_MAX + " are allowed");
    }
    CodedInputStream input = CodedInputStream.newInstance(bytes);
    input.setRecursionLimit(MESSAGE_DEPTH_MAX);
    EncodedPlan plan;
    try {
      plan = EncodedPlan.parseFrom(input);
    } catch (IOException e) {
      throw new PlanException(Code.MALFORMED, "not a plan: " + e.getMessage(), e);
    }
    if (plan.getVersion() < 1 || plan.getVersion() > VERSION) {
      throw new PlanException(
          Code.UNSUPPORTED_VERSION,
          "a plan of version " + plan.getVersion() + "; this store reads up to " + VERSION);
    }
    if (plan.getNodesCount() > PlanValidator.NODES_MAX) {
      throw new PlanException(
          Code.TOO_LARGE, "a plan has at most " + PlanValidator.NODES_MAX + " steps");
    }
    Optional<PlanNode> node = Optional.empty();
    for (Node encoded : plan.getNodesList()) {
      node = Optional.of(decodeNode(encoded, node));
    }
    return PlanValidator.validate(
        new PlanRequest(
            node.orElseThrow(() -> new PlanException(Code.MALFORMED, "a plan without steps")),
            plan.getBatchRowsMax(),
            plan.getMemoryLimitBytes(),
            plan.getSessionTimeZone(),
            plan.getAnsi(),
            plan.getFloatingSumAllowed()));
  }

  private static PlanNode decodeNode(Node node, Optional<PlanNode> previous) {
    if (node.getStepCase() == Node.StepCase.TABLE_SCAN) {
      if (previous.isPresent()) {
        throw new PlanException(Code.MALFORMED, "a table scan that is not the first step");
      }
      var scan = node.getTableScan();
      List<ScanColumn> columns = new ArrayList<>();
      scan.getColumnsList().forEach(column -> columns.add(decodeColumn(column)));
      return new PlanNode.TableScan(scan.getTableId(), columns, scan.getDescending());
    }
    PlanNode input =
        previous.orElseThrow(
            () -> new PlanException(Code.MALFORMED, "the first step is no table scan"));
    return switch (node.getStepCase()) {
      case SELECTION ->
          new PlanNode.Selection(
              input, ExpressionCodec.decodeAll(node.getSelection().getConditionsList()));
      case PROJECTION ->
          new PlanNode.Projection(
              input, ExpressionCodec.decodeAll(node.getProjection().getExpressionsList()));
      case PARTIAL_AGGREGATION -> {
        var aggregation = node.getPartialAggregation();
        List<AggregateCall> aggregates = new ArrayList<>();
        aggregation.getAggregatesList().forEach(each -> aggregates.add(decodeAggregate(each)));
        yield new PlanNode.PartialAggregation(
            input, ExpressionCodec.decodeAll(aggregation.getGroupByList()), aggregates);
      }
      case TOP_N -> {
        List<SortKey> keys = new ArrayList<>();
        node.getTopN()
            .getKeysList()
            .forEach(
                key ->
                    keys.add(
                        new SortKey(
                            ExpressionCodec.decode(key.getExpression()),
                            key.getDescending(),
                            key.getNullsFirst())));
        yield new PlanNode.TopN(input, keys, node.getTopN().getCount());
      }
      case LIMIT -> new PlanNode.Limit(input, node.getLimit().getCount());
      case TABLE_SCAN, STEP_NOT_SET ->
          throw new PlanException(
              Code.UNSUPPORTED_OPERATION, "a step of a kind that this store does not know");
    };
  }

  private static ScanColumn decodeColumn(io.arrowraft.coprocessor.plan.proto.ScanColumn column) {
    io.arrowraft.table.ColumnSource source =
        switch (column.getSource()) {
          case SOURCE_VALUE -> io.arrowraft.table.ColumnSource.VALUE;
          case SOURCE_HANDLE -> new io.arrowraft.table.ColumnSource.Handle();
          case SOURCE_HANDLE_PART ->
              new io.arrowraft.table.ColumnSource.HandlePart(column.getHandlePart());
          case SOURCE_UNSPECIFIED, UNRECOGNIZED ->
              throw new PlanException(
                  Code.UNSUPPORTED_OPERATION,
                  "column id " + column.getColumnId() + " has an unknown source");
        };
    Optional<Expression.Literal> defaultValue = Optional.empty();
    if (column.hasDefaultValue()) {
      if (!(ExpressionCodec.decode(column.getDefaultValue()) instanceof Expression.Literal value)) {
        throw new PlanException(Code.MALFORMED, "a default that is no literal");
      }
      defaultValue = Optional.of(value);
    }
    return new ScanColumn(
        column.getColumnId(),
        ExpressionCodec.decodeType(column.getType()),
        source,
        defaultValue,
        column.getUnsigned());
  }

  private static AggregateCall decodeAggregate(Aggregate aggregate) {
    return new AggregateCall(
        AggregateFunction.ofCode(aggregate.getFunction()),
        aggregate.hasArgument()
            ? Optional.of(ExpressionCodec.decode(aggregate.getArgument()))
            : Optional.empty(),
        ExpressionCodec.decodeType(aggregate.getType()));
  }

  public static byte[] encodeSummary(ExecutionSummary summary) {
    return EncodedSummary.newBuilder()
        .setRowsScanned(summary.rowsScanned())
        .setRowsReturned(summary.rowsReturned())
        .setBatches(summary.batches())
        .setBytesReturned(summary.bytesReturned())
        .build()
        .toByteArray();
  }

  public static ExecutionSummary decodeSummary(byte[] bytes) {
    try {
      EncodedSummary summary = EncodedSummary.parseFrom(bytes);
      return new ExecutionSummary(
          summary.getRowsScanned(),
          summary.getRowsReturned(),
          summary.getBatches(),
          summary.getBytesReturned());
    } catch (InvalidProtocolBufferException e) {
      throw new PlanException(Code.MALFORMED, "not a summary: " + e.getMessage(), e);
    }
  }
}
