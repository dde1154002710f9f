import { InvariantError, invariant, unreachable } from '../../runtime/index.ts';
import type { Querier } from '../../storage/index.ts';
import type { StepGrid } from '../column.ts';
import { executionError } from '../errors.ts';
import { functionTable } from '../functions/index.ts';
import type { FunctionImplementation } from '../functions-contract.ts';
import { isLabelName } from '../parse/grouping.ts';
import { printExpr } from '../parse/print.ts';
import {
  childrenOf,
  invariantGrid,
  subqueryGrid,
  typeOfNode,
  type AggregateNode,
  type BinaryNode,
  type CallNode,
  type Plan,
  type PlanNode,
  type RangeCallNode,
  type SubqueryNode,
  type VectorNode,
} from '../plan/node.ts';
import { Absence } from './absence.ts';
import { AverageAccumulator } from './accumulators/average.ts';
import type { Accumulator } from './accumulators/accumulator.ts';
import { CountAccumulator, PresenceAccumulator } from './accumulators/count.ts';
import { DeviationAccumulator } from './accumulators/deviation.ts';
import { ExtremeAccumulator } from './accumulators/extreme.ts';
import { QuantileAccumulator } from './accumulators/quantile.ts';
import { SumAccumulator } from './accumulators/sum.ts';
import { Aggregation } from './aggregation.ts';
import { Arguments } from './arguments.ts';
import { BufferedVector } from './buffered-vector.ts';
import { changesMeaning } from './binary-elements.ts';
import { tooManySamples, type EvaluationContext } from './context.ts';
import { CountValues } from './count-values.ts';
import { ElementFunction } from './element-function.ts';
import { EmptyVector } from './empty-vector.ts';
import { GroupFunction } from './group-function.ts';
import { Info } from './info.ts';
import { InvariantVector } from './invariant-vector.ts';
import { LabelFunction } from './label-function.ts';
import { Limit } from './limit.ts';
import { MatrixSelector } from './matrix-selector.ts';
import { MergedSeries, type DuplicatePolicy } from './merged-series.ts';
import { NamesDropped } from './names-dropped.ts';
import { Negation } from './negation.ts';
import type { Operator, ScalarOperator, VectorOperator } from './operator.ts';
import { RangeFunction } from './range-function.ts';
import { ScalarVector, TimeVector } from './scalar-vector.ts';
import {
  InvariantScalar,
  NumberScalar,
  ScalarBinary,
  ScalarFunction,
  ScalarNegation,
  ScalarOfVector,
} from './scalars.ts';
import { Select } from './select.ts';
import { boundsOf } from './selection-parameter.ts';
import { SetOperation } from './set-operation.ts';
import { SmoothedSelector } from './smoothed-selector.ts';
import { SortedVector, type SortKey } from './sorted-vector.ts';
import { StepTimes } from './step-times.ts';
import { Subquery } from './subquery.ts';
import { TopK } from './topk.ts';
import { VectorJoin } from './vector-join.ts';
import { VectorScalar } from './vector-scalar.ts';
import { VectorSelector } from './vector-selector.ts';
import type { WindowSource } from './window-source.ts';

type AccumulatingOperator = Exclude<
  AggregateNode['op'],
  'bottomk' | 'count_values' | 'limit_ratio' | 'limitk' | 'topk'
>;

/** Columns of so many steps are counted as memory; shorter ones are too small to matter. */
const LONG_GRID = 1 << 16;

/** Functions that admit `anchored` and `smoothed`, as error texts list them. */
const ANCHORED = ['changes', 'delta', 'increase', 'rate', 'resets'];
const SMOOTHED = ['delta', 'increase', 'rate'];

/**
 * Makes the operators of a plan: the one place where a plan node becomes an operator.
 *
 * @throws {QueryError} code `execution` for what a plan cannot tell to be wrong
 */
export class OperatorBuilder {
  readonly #querier: Querier;
  readonly #context: EvaluationContext;
  readonly #selects: readonly Select[];
  readonly #uses = new Map<PlanNode, number>();
  /** Operators of parts that stand in several places, by node and grid. */
  readonly #shared = new Map<PlanNode, Map<string, Operator>>();

  constructor(plan: Plan, querier: Querier, context: EvaluationContext) {
    this.#querier = querier;
    this.#context = context;
    this.#selects = plan.selects.map((spec) => new Select(spec, querier, context));
    countUses(plan.root, this.#uses);
  }

  /** The operator of a subtree that yields a vector or a scalar. */
  build(node: PlanNode, grid: StepGrid): Operator {
    if (this.#uses.get(node)! < 2 || node.kind === 'number') return this.#make(node, grid);
    const key = `${grid.startMs} ${grid.stepMs} ${grid.steps}`;
    let byGrid = this.#shared.get(node);
    if (byGrid === undefined) this.#shared.set(node, (byGrid = new Map<string, Operator>()));
    let operator = byGrid.get(key);
    if (operator === undefined) {
      operator = this.#make(node, grid);
      if (operator.type === 'vector') operator = new BufferedVector(operator, this.#context);
      byGrid.set(key, operator);
    }
    return operator;
  }

  /** The windows of a range vector that is itself the result of the query, or a function's argument. */
  source(node: RangeCallNode['window'], grid: StepGrid): WindowSource {
    if (node.kind === 'subquery') return new Subquery(node, this.#vector(node.expr, subqueryGrid(node, grid)), grid);
    return new MatrixSelector(node, this.#selects[node.select]!, grid, this.#context);
  }

  /** What a subquery that is itself the result of the query is made of. */
  subqueryInner(node: SubqueryNode, grid: StepGrid): VectorOperator {
    return this.#vector(node.expr, subqueryGrid(node, grid));
  }

  /** The series of a matrix selector that is itself the result of the query. */
  select(index: number): Select {
    return this.#selects[index]!;
  }

  #make(node: PlanNode, grid: StepGrid): Operator {
    const { steps } = grid;
    // A resolution that is much too fine is refused before anything is allocated; every operator has a column, at least.
    if (steps > this.#context.options.maxSamples) throw tooManySamples();
    if (steps > LONG_GRID) this.#context.reserve(steps * 9);
    if (steps === 0 && typeOfNode(node) === 'vector') return new EmptyVector(grid);
    switch (node.kind) {
      case 'number':
        return new NumberScalar(node.value, grid);
      case 'vector':
        return this.#selector(node, grid);
      case 'range-call':
        return this.#rangeCall(node, grid);
      case 'call':
        return this.#call(node, grid);
      case 'absent': {
        // Which series there are does not matter, so neither does it when dropping their names makes some the same.
        const { expr } = node;
        const inner = expr.kind === 'range-call' ? this.#rangeFunction(expr, grid) : this.#vector(expr, grid);
        return new Absence(inner, node.labels, this.#context);
      }
      case 'info':
        return new Info(node, this.#vector(node.expr, grid), this.#querier, this.#context);
      case 'aggregate':
        return this.#aggregate(node, grid);
      case 'binary':
        return this.#binary(node, grid);
      case 'set': {
        const set = new SetOperation(node, this.#vector(node.lhs, grid), this.#vector(node.rhs, grid), this.#context);
        return node.op === 'or' ? new MergedSeries(set, 'merge') : set;
      }
      case 'negate': {
        const inner = this.build(node.expr, grid);
        if (inner.type === 'scalar') return new ScalarNegation(inner);
        return this.#dropNames(new Negation(inner), 'merge');
      }
      case 'invariant': {
        const inner = this.build(node.expr, invariantGrid(grid));
        if (inner.grid === grid) return inner;
        return inner.type === 'scalar' ? new InvariantScalar(inner, grid) : new InvariantVector(inner, grid);
      }
      case 'matrix':
      case 'subquery':
      case 'text':
        throw new InvariantError(`a ${node.kind} has no operator of its own`);
      default:
        return unreachable(node);
    }
  }

  #vector(node: PlanNode, grid: StepGrid): VectorOperator {
    const operator = this.build(node, grid);
    invariant(operator.type === 'vector', `${node.kind} is no vector`);
    return operator;
  }

  #scalar(node: PlanNode, grid: StepGrid): ScalarOperator {
    const operator = this.build(node, grid);
    invariant(operator.type === 'scalar', `${node.kind} is no scalar`);
    return operator;
  }

  #selector(node: VectorNode, grid: StepGrid): VectorOperator {
    const select = this.#selects[node.select]!;
    if (node.yields === 'start-timestamp' && !this.#context.options.useStartTimestamps) return new EmptyVector(grid);
    if (node.smoothed) return new SmoothedSelector(node, select, grid, this.#context);
    return new VectorSelector(node, select, grid, this.#context);
  }

  #rangeCall(node: RangeCallNode, grid: StepGrid): VectorOperator {
    const operator = this.#rangeFunction(node, grid);
    return operator.keepsName ? operator : this.#deduplicate(operator, operator.inputMetricName, 'refuse');
  }

  #rangeFunction(node: RangeCallNode, grid: StepGrid): RangeFunction {
    const implementation = implementationOf(node.func);
    invariant(implementation.kind === 'range', `${node.func} is no range function`);
    checkExtension(node);
    const source = this.source(node.window, grid);
    return new RangeFunction(node, implementation, source, this.#arguments(node.args, grid), grid, this.#context);
  }

  #call(node: CallNode, grid: StepGrid): Operator {
    const context = this.#context;
    switch (node.func) {
      case 'scalar':
        return new ScalarOfVector(this.#vector(node.args[0]!, grid), context);
      case 'vector':
        return new ScalarVector(this.#scalar(node.args[0]!, grid));
      case 'sort':
      case 'sort_desc':
      case 'sort_by_label':
      case 'sort_by_label_desc':
        return this.#sort(node, grid);
      case 'timestamp': {
        const input = this.#vector(node.args[0]!, grid);
        return this.#dropNames(node.args[0]!.kind === 'vector' ? input : new StepTimes(input), 'merge');
      }
      case 'start_timestamp':
        // Only a selector's samples have start timestamps.
        if (node.args[0]!.kind !== 'vector') return new EmptyVector(grid);
        return this.#dropNames(this.#vector(node.args[0]!, grid), 'merge');
    }
    const implementation = implementationOf(node.func);
    const args = this.#arguments(node.args, grid);
    switch (implementation.kind) {
      case 'scalar':
        return new ScalarFunction(node, implementation, args, grid, context);
      case 'element': {
        const input = inputOf(args) ?? new TimeVector(grid);
        const operator = new ElementFunction(node, implementation, input, args, context);
        return this.#deduplicate(operator, input.metricName, 'merge');
      }
      case 'label':
        return new MergedSeries(new LabelFunction(node, implementation, inputOf(args)!, args, context), 'merge');
      case 'group':
        return new MergedSeries(new GroupFunction(node, implementation, inputOf(args)!, args, context), 'merge');
      case 'range':
        throw new InvariantError(`${node.func} without a range vector`);
      default:
        return unreachable(implementation);
    }
  }

  #sort(node: CallNode, grid: StepGrid): VectorOperator {
    const descending = node.func.endsWith('_desc');
    const names = node.args.slice(1).map((arg) => (arg.kind === 'text' ? arg.value : ''));
    const key: SortKey = { by: node.func.startsWith('sort_by_label') ? names : 'value', descending };
    if (grid.steps > 1) this.#context.annotations.sortInRangeQuery(node.pos);
    return new SortedVector(this.#vector(node.args[0]!, grid), key, this.#context);
  }

  #aggregate(node: AggregateNode, grid: StepGrid): VectorOperator {
    const context = this.#context;
    const input = this.#vector(node.expr, grid);
    const { op, param } = node;
    switch (op) {
      case 'count_values': {
        invariant(param?.kind === 'text', 'count_values takes a label name');
        if (!isLabelName(param.value)) {
          const { value, pos } = param;
          throw executionError(`invalid label name ${printExpr({ kind: 'StringLiteral', value, pos })}`);
        }
        return new CountValues(node, param.value, input, context);
      }
      case 'topk':
      case 'bottomk':
        return new TopK(node, input, this.#scalar(param!, grid), context);
      case 'limitk':
      case 'limit_ratio':
        return new Limit(node, input, this.#scalar(param!, grid), context);
      default:
        return this.#accumulation(node, op, input, grid);
    }
  }

  /** An aggregation that makes one series of each group. */
  #accumulation(node: AggregateNode, op: AccumulatingOperator, input: VectorOperator, grid: StepGrid): VectorOperator {
    const context = this.#context;
    const { param } = node;
    const { steps } = grid;
    const notes = { annotations: context.annotations, op, pos: node.expr.pos };
    const quantiles = param === undefined ? undefined : this.#scalar(param, grid);
    const create = (slots: number): Accumulator => {
      switch (op) {
        case 'sum':
          return new SumAccumulator(slots, steps, notes);
        case 'avg':
          return new AverageAccumulator(slots, steps, notes);
        case 'min':
        case 'max':
          return new ExtremeAccumulator(slots, steps, notes);
        case 'count':
          return new CountAccumulator(slots, steps);
        case 'group':
          return new PresenceAccumulator(slots, steps);
        case 'stddev':
        case 'stdvar':
          return new DeviationAccumulator(slots, steps, notes);
        case 'quantile': {
          const values = quantiles!.values();
          this.#noteQuantiles(values, param!);
          return new QuantileAccumulator(slots, steps, values, notes, (bytes) => {
            context.reserve(bytes);
          });
        }
        default:
          return unreachable(op);
      }
    };
    return new Aggregation(node, input, quantiles, create, context);
  }

  #noteQuantiles(values: Float64Array, { pos }: PlanNode): void {
    const { annotations } = this.#context;
    const { max, min, hasNaN } = boundsOf(values);
    if (hasNaN) annotations.invalidQuantile(NaN, pos);
    if (max > 1) annotations.invalidQuantile(max, pos);
    if (min < 0) annotations.invalidQuantile(min, pos);
  }

  #binary(node: BinaryNode, grid: StepGrid): Operator {
    const lhs = this.build(node.lhs, grid);
    const rhs = this.build(node.rhs, grid);
    const { op, matching } = node;
    if (lhs.type === 'scalar') {
      if (rhs.type === 'vector') return this.#vectorScalar(node, rhs, lhs, true);
      invariant(op !== '</' && op !== '>/', 'trimming needs a vector');
      return new ScalarBinary(op, lhs, rhs);
    }
    if (rhs.type === 'scalar') return this.#vectorScalar(node, lhs, rhs, false);
    invariant(matching !== undefined, 'two vectors without matching');
    const join = new VectorJoin(node, matching, lhs, rhs, this.#context);
    const one = matching.card === 'one-to-one';
    // One-to-one, what has to match tells results apart; otherwise the labels of the "many" side do, if they are left whole.
    const many = matching.card === 'one-to-many' ? rhs : lhs;
    const isUnique = one
      ? !matching.on || !matching.matchingLabels.some(isMetadata)
      : matching.include.length === 0 && many.metricName !== undefined;
    return isUnique && !this.#context.options.typeAndUnitLabels ? join : new MergedSeries(join, 'merge');
  }

  #vectorScalar(node: BinaryNode, vector: VectorOperator, scalar: ScalarOperator, onLeft: boolean): VectorOperator {
    const operator = new VectorScalar(node, vector, scalar, onLeft, this.#context);
    if (!changesMeaning(node.op) && !node.returnBool) return operator;
    return this.#deduplicate(operator, vector.metricName, 'merge');
  }

  #arguments(nodes: readonly PlanNode[], grid: StepGrid): Arguments {
    const operators = nodes.map((node) => {
      const type = typeOfNode(node);
      return type === 'vector' || type === 'scalar' ? this.build(node, grid) : undefined;
    });
    return new Arguments(nodes, operators);
  }

  /** Takes the names from the labels now, or notes that it is to be done at the end. */
  #dropNames(inner: VectorOperator, policy: DuplicatePolicy): VectorOperator {
    const { delayedNameRemoval } = this.#context.options;
    const dropped = new NamesDropped(inner, delayedNameRemoval ? 'mark' : 'always');
    return this.#deduplicate(dropped, inner.metricName, policy);
  }

  /**
   * Sees to series that have lost their names and may have come to be the same: not if all had the same name.
   *
   * @param nameBefore the name all had, undefined when they may have had different ones
   */
  #deduplicate(operator: VectorOperator, nameBefore: string | undefined, policy: DuplicatePolicy): VectorOperator {
    const { delayedNameRemoval, typeAndUnitLabels } = this.#context.options;
    if (delayedNameRemoval || (nameBefore !== undefined && !typeAndUnitLabels)) return operator;
    return new MergedSeries(operator, policy);
  }
}

function countUses(node: PlanNode, uses: Map<PlanNode, number>): void {
  const before = uses.get(node) ?? 0;
  uses.set(node, before + 1);
  if (before === 0) for (const child of childrenOf(node)) countUses(child, uses);
}

function implementationOf(name: string): FunctionImplementation {
  const implementation = functionTable.get(name);
  invariant(implementation !== undefined, `function ${name} has no implementation`);
  return implementation;
}

function inputOf(args: Arguments): VectorOperator | undefined {
  return args.operators.find((operator): operator is VectorOperator => operator?.type === 'vector');
}

function isMetadata(name: string): boolean {
  return name === '__name__' || name === '__type__' || name === '__unit__';
}

/** @throws {QueryError} for `anchored` and `smoothed` around functions that do not look past their windows */
function checkExtension({ func, window }: RangeCallNode): void {
  if (window.kind !== 'matrix' || window.extension === undefined) return;
  const safe = window.extension === 'anchored' ? ANCHORED : SMOOTHED;
  if (safe.includes(func)) return;
  throw executionError(`${window.extension} modifier can only be used with: ${safe.join(', ')} - not with ${func}`);
}
