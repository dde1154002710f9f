import { type QueryResult } from '../../api/index.ts';
import { Empty, Loading } from '../../widgets/index.ts';
import { TimeField } from '../controls/time-field.tsx';
import { type Place } from '../expression/position.ts';
import { type Panel } from '../panels.ts';
import { type PanelState } from '../panel-state.ts';
import classes from '../panel.module.css';
import { AnswerNotes, QueryFailure } from './answer-notes.tsx';
import { MatrixTable, VectorTable } from './result-table.tsx';
import { useInstantResult } from './run.ts';
import resultClasses from './result.module.css';
import { StatsLine } from './stats-line.tsx';

interface TableTabProps {
  readonly panel: Panel;
  readonly onChange: (change: Partial<PanelState>) => void;
  readonly onReveal: (place: Place) => void;
}

/** The result at one moment, as a table. */
export function TableTab({ panel, onChange, onReveal }: TableTabProps) {
  const { data, error, isFetching, isPlaceholderData, refetch } = useInstantResult(panel);
  const isEmpty = panel.state.expr.trim() === '';
  return (
    <>
      <div className={classes.controls}>
        <TimeField
          label="Evaluation time"
          timeMs={panel.state.endMs}
          strideMs={panel.state.rangeMs / 2}
          onChange={(endMs) => {
            onChange({ endMs });
          }}
        />
        {data !== undefined && error === null && (
          <div className={classes.stats}>
            <StatsLine series={countOf(data.answer.data)} seconds={data.seconds} stats={data.answer.data.stats} />
          </div>
        )}
      </div>
      {isEmpty && <Empty>Type an expression and press Enter.</Empty>}
      {!isEmpty && error !== null && <QueryFailure error={error} onReveal={onReveal} onRetry={() => void refetch()} />}
      {!isEmpty && error === null && data === undefined && isFetching && <Loading label="Running the query" />}
      {!isEmpty && error === null && data !== undefined && (
        <div className={isPlaceholderData ? resultClasses.stale : undefined} aria-busy={isFetching}>
          <AnswerNotes warnings={data.answer.warnings} infos={data.answer.infos} onReveal={onReveal} />
          <Result result={data.answer.data} />
        </div>
      )}
    </>
  );
}

function countOf(result: QueryResult): number {
  return result.resultType === 'vector' || result.resultType === 'matrix' ? result.result.length : 1;
}

function Result({ result }: { result: QueryResult }) {
  switch (result.resultType) {
    case 'vector':
      return <VectorTable series={result.result} />;
    case 'matrix':
      return <MatrixTable series={result.result} />;
    case 'scalar':
    case 'string':
      return (
        <div className={resultClasses.scalar}>
          <span className={resultClasses.kind}>{result.resultType}</span>
          <span>{result.result[1]}</span>
        </div>
      );
  }
}
