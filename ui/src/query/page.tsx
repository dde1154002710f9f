import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useDocumentTitle } from '../widgets/index.ts';
import { useQueryHistory } from './history/use-history.ts';
import classes from './page.module.css';
import { QueryPanel } from './panel.tsx';
import { maxPanels } from './url-state.ts';
import { usePanels } from './use-panels.ts';

/** Ask with PromQL, in as many panels as it takes. */
export default function QueryPage() {
  const history = useQueryHistory();
  const [panels, dispatch] = usePanels();
  useDocumentTitle('Query');
  return (
    <div className={classes.panels}>
      <h1 className={classes.title}>Query</h1>
      {panels.map((panel, i) => (
        <QueryPanel
          key={panel.id}
          panel={panel}
          history={history}
          autoFocus={i > 0 && panel.state.expr === ''}
          onType={(text) => {
            dispatch({ type: 'type', id: panel.id, text });
          }}
          onRun={(expr) => {
            dispatch({ type: 'run', id: panel.id, expr, nowMs: Date.now() });
          }}
          onChange={(change) => {
            dispatch({ type: 'change', id: panel.id, change, nowMs: Date.now() });
          }}
          onRemove={
            panels.length === 1
              ? undefined
              : () => {
                  dispatch({ type: 'remove', id: panel.id });
                }
          }
        />
      ))}
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          disabled={panels.length >= maxPanels}
          onClick={() => {
            dispatch({ type: 'add', nowMs: Date.now() });
          }}
        >
          Add a panel
        </Button>
      </div>
    </div>
  );
}
