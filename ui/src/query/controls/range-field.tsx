import { ActionIcon, Group, Menu, TextInput } from '@mantine/core';
import { IconChevronDown, IconMinus, IconPlus } from '@tabler/icons-react';
import { formatDuration, parseDuration } from '../../format/duration.ts';
import { rangeSteps, stepRange } from '../panel-state.ts';
import classes from './controls.module.css';
import { useTextDraft } from './text-draft.ts';

interface RangeFieldProps {
  readonly rangeMs: number;
  readonly onChange: (rangeMs: number) => void;
}

/** How far back the graph reaches: typed, stepped, or chosen. */
export function RangeField({ rangeMs, onChange }: RangeFieldProps) {
  const draft = useTextDraft(formatDuration(rangeMs), (text) => {
    const ms = parseDuration(text);
    if (ms === undefined || ms <= 0) return false;
    onChange(ms);
    return true;
  });
  const parsed = parseDuration(draft.text);
  const step = (direction: 1 | -1) => {
    onChange(stepRange(rangeMs, direction));
  };
  return (
    <Group gap={0} wrap="nowrap" className={classes.joined}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label="Shorter range"
        onClick={() => {
          step(-1);
        }}
      >
        <IconMinus size={14} />
      </ActionIcon>
      <TextInput
        w={84}
        aria-label="Range"
        value={draft.text}
        error={parsed === undefined || parsed <= 0}
        onChange={(event) => {
          draft.change(event.currentTarget.value);
        }}
        onBlur={draft.commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') draft.commit();
          if (event.key === 'Escape') draft.reset();
        }}
        rightSection={<RangeMenu onChange={onChange} />}
      />
      <ActionIcon
        variant="default"
        size={30}
        aria-label="Longer range"
        onClick={() => {
          step(1);
        }}
      >
        <IconPlus size={14} />
      </ActionIcon>
    </Group>
  );
}

function RangeMenu({ onChange }: { onChange: (rangeMs: number) => void }) {
  return (
    <Menu position="bottom-end" width={110}>
      <Menu.Target>
        <ActionIcon size="sm" aria-label="Choose a range">
          <IconChevronDown size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown mah={320} className={classes.scrolling}>
        {rangeSteps.map((ms) => (
          <Menu.Item
            key={ms}
            onClick={() => {
              onChange(ms);
            }}
          >
            {formatDuration(ms)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
