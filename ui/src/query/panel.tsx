import { ActionIcon, Button, Tabs, Tooltip } from '@mantine/core';
import { IconAlignLeft, IconListSearch, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { useApi } from '../api/index.ts';
import { FailureNotice } from '../widgets/index.ts';
import { type ExpressionHandle, ExpressionField } from './expression/field.tsx';
import { indexOf, type Place } from './expression/position.ts';
import { GraphTab } from './graph/graph-tab.tsx';
import { HistoryMenu } from './history/history-menu.tsx';
import { type QueryHistory } from './history/use-history.ts';
import classes from './panel.module.css';
import { type PanelState, type Tab } from './panel-state.ts';
import { type Panel } from './panels.ts';
import { TableTab } from './result/table-tab.tsx';

const Explorer = lazy(() => import('./explorer/explorer.tsx'));

interface QueryPanelProps {
  readonly panel: Panel;
  readonly history: QueryHistory;
  readonly autoFocus: boolean;
  readonly onType: (text: string) => void;
  readonly onRun: (expr: string) => void;
  readonly onChange: (change: Partial<PanelState>) => void;
  /** `undefined` for the only panel. */
  readonly onRemove: (() => void) | undefined;
}

/** One expression with its result. */
export function QueryPanel(props: QueryPanelProps) {
  const { panel, onRun, onChange } = props;
  const field = useRef<ExpressionHandle>(null);
  const reveal = (place: Place) => {
    field.current?.reveal(indexOf(panel.draft, place));
  };
  const tabProps = { panel, onChange, onReveal: reveal };
  return (
    <section className={classes.panel} aria-label={`Query ${panel.state.expr}`}>
      <PanelHead {...props} field={field} onRun={onRun} />
      <Tabs
        value={panel.state.tab}
        onChange={(tab) => {
          onChange({ tab: tab as Tab });
        }}
        keepMounted={false}
      >
        <Tabs.List className={classes.tabs}>
          <Tabs.Tab value="table">Table</Tabs.Tab>
          <Tabs.Tab value="graph">Graph</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="table" className={classes.body}>
          <TableTab {...tabProps} />
        </Tabs.Panel>
        <Tabs.Panel value="graph" className={classes.body}>
          <GraphTab {...tabProps} />
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

type PanelHeadProps = QueryPanelProps & { readonly field: React.RefObject<ExpressionHandle | null> };

/** The expression and what can be done with it. */
function PanelHead({ panel, history, autoFocus, field, onType, onRun, onRemove }: PanelHeadProps) {
  const [isExploring, setExploring] = useState(false);
  const format = useFormat(onType);
  const run = (text: string) => {
    history.add(text);
    format.reset();
    onRun(text);
  };
  return (
    <>
      <div className={classes.head}>
        <ExpressionField ref={field} value={panel.draft} onChange={onType} onExecute={run} autoFocus={autoFocus} />
        <div className={classes.actions}>
          <HeadButton
            label="Metrics explorer"
            onClick={() => {
              setExploring(true);
            }}
          >
            <IconListSearch size={16} />
          </HeadButton>
          <HistoryMenu history={history} onChoose={run} />
          <HeadButton
            label="Format the query"
            disabled={panel.draft.trim() === ''}
            onClick={() => {
              format.mutate(panel.draft);
            }}
          >
            <IconAlignLeft size={16} />
          </HeadButton>
          {onRemove !== undefined && (
            <HeadButton label="Remove this panel" onClick={onRemove}>
              <IconX size={16} />
            </HeadButton>
          )}
          <Button
            size="sm"
            h={34}
            onClick={() => {
              run(panel.draft);
            }}
          >
            Run
          </Button>
        </div>
      </div>
      {format.isError && (
        <div className={classes.formatFailure}>
          <FailureNotice error={format.error} />
        </div>
      )}
      {isExploring && (
        <Suspense fallback={null}>
          <Explorer
            onClose={() => {
              setExploring(false);
            }}
            onInsert={(text) => field.current?.insert(text)}
          />
        </Suspense>
      )}
    </>
  );
}

interface HeadButtonProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

function HeadButton({ label, disabled, onClick, children }: HeadButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={34} aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

/** Has the server print the expression; its words go where the draft was. */
function useFormat(onType: (text: string) => void) {
  const api = useApi();
  return useMutation({ mutationFn: (query: string) => api.formatQuery(query), onSuccess: onType });
}
