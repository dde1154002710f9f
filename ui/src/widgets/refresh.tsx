import { ActionIcon, Group, NativeSelect, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { readSetting, writeSetting } from '../app/index.ts';

const choices = [
  { value: '0', label: 'Off' },
  { value: '5', label: '5 s' },
  { value: '15', label: '15 s' },
  { value: '60', label: '1 min' },
];

/** How often a page asks again, in ms, kept per page; `false` for never. */
export function useRefreshInterval(page: string) {
  const key = `yagura.refresh.${page}`;
  const [seconds, setSeconds] = useState(() => {
    const kept = readSetting(key);
    return choices.some((c) => c.value === kept) ? kept! : '15';
  });
  return {
    seconds,
    intervalMs: seconds === '0' ? (false as const) : Number(seconds) * 1000,
    choose: (next: string) => {
      writeSetting(key, next);
      setSeconds(next);
    },
  };
}

interface RefreshProps {
  readonly interval: ReturnType<typeof useRefreshInterval>;
  readonly isFetching: boolean;
  readonly onRefresh: () => void;
}

/** Asks again now, or every so often. */
export function Refresh({ interval, isFetching, onRefresh }: RefreshProps) {
  return (
    <Group gap={4} wrap="nowrap">
      <Tooltip label="Refresh now">
        <ActionIcon aria-label="Refresh now" onClick={onRefresh} loading={isFetching} variant="default" size={30}>
          <IconRefresh size={15} />
        </ActionIcon>
      </Tooltip>
      <NativeSelect
        aria-label="Refresh every"
        data={choices}
        value={interval.seconds}
        w={76}
        onChange={(event) => {
          interval.choose(event.currentTarget.value);
        }}
      />
    </Group>
  );
}
