import { ActionIcon, Button, Popover, Tooltip } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { Empty, FilterField, VirtualList } from '../../widgets/index.ts';
import classes from './history.module.css';
import { type QueryHistory } from './use-history.ts';

interface HistoryMenuProps {
  readonly history: QueryHistory;
  readonly onChoose: (query: string) => void;
}

/** Earlier queries, to run again. */
export function HistoryMenu({ history, onChoose }: HistoryMenuProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={520} trapFocus shadow="md">
      <Popover.Target>
        <Tooltip label="Query history">
          <ActionIcon
            variant="default"
            size={34}
            aria-label="Query history"
            onClick={() => {
              setOpen(!isOpen);
            }}
          >
            <IconHistory size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={8} maw="94vw">
        <HistoryList
          history={history}
          onChoose={(query) => {
            setOpen(false);
            onChoose(query);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function HistoryList({ history, onChoose }: HistoryMenuProps) {
  const [filter, setFilter] = useState('');
  const all = history.read();
  const wanted = filter.toLowerCase();
  const shown = all.filter((query) => query.toLowerCase().includes(wanted));
  return (
    <>
      <div className={classes.head}>
        <FilterField label="Search the history" value={filter} onChange={setFilter} width="100%" autoFocus />
        <Button variant="subtle" color="gray" disabled={all.length === 0} onClick={history.clear}>
          Clear
        </Button>
      </div>
      {shown.length === 0 && <Empty>{all.length === 0 ? 'No query was run yet.' : 'No query matches.'}</Empty>}
      <VirtualList
        count={shown.length}
        estimate={30}
        maxHeight={320}
        label="Earlier queries"
        renderRow={(i) => (
          <button
            type="button"
            className={classes.row}
            onClick={() => {
              onChoose(shown[i]!);
            }}
          >
            {shown[i]}
          </button>
        )}
      />
    </>
  );
}
