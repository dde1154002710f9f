import { ActionIcon, CloseButton, Group, TextInput } from '@mantine/core';
import { IconCalendar, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useRef } from 'react';
import { usePreferences } from '../../app/index.ts';
import { formatTime, parseTime, type Zone } from '../../format/time.ts';
import classes from './controls.module.css';
import { useTextDraft } from './text-draft.ts';

interface TimeFieldProps {
  readonly label: string;
  /** `undefined` is now. */
  readonly timeMs: number | undefined;
  /** How far the arrows move. */
  readonly strideMs: number;
  readonly onChange: (timeMs: number | undefined) => void;
}

/** A moment: now, or typed, stepped, or picked from the browser's calendar; in the zone the reader chose. */
export function TimeField({ label, timeMs, strideMs, onChange }: TimeFieldProps) {
  const { zone } = usePreferences();
  const draft = useTextDraft(timeMs === undefined ? '' : formatTime(timeMs, zone), (text) => {
    const ms = text.trim() === '' ? undefined : parseTime(text, zone);
    if (ms === undefined && text.trim() !== '') return false;
    onChange(ms);
    return true;
  });
  const move = (direction: 1 | -1) => {
    onChange((timeMs ?? Date.now()) + direction * strideMs);
  };
  return (
    <Group gap={0} wrap="nowrap" className={classes.joined}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={`${label}: earlier`}
        onClick={() => {
          move(-1);
        }}
      >
        <IconChevronLeft size={15} />
      </ActionIcon>
      <TextInput
        w={206}
        aria-label={label}
        placeholder={`${label}: now`}
        value={draft.text}
        error={draft.text.trim() !== '' && parseTime(draft.text, zone) === undefined}
        onChange={(event) => {
          draft.change(event.currentTarget.value);
        }}
        onBlur={draft.commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') draft.commit();
          if (event.key === 'Escape') draft.reset();
        }}
        rightSectionWidth={timeMs === undefined ? 28 : 52}
        rightSection={
          <Group gap={2} wrap="nowrap">
            {timeMs !== undefined && (
              <CloseButton
                size="xs"
                aria-label={`${label}: now`}
                onClick={() => {
                  onChange(undefined);
                }}
              />
            )}
            <CalendarButton label={label} timeMs={timeMs} zone={zone} onChange={onChange} />
          </Group>
        }
      />
      <ActionIcon
        variant="default"
        size={30}
        aria-label={`${label}: later`}
        onClick={() => {
          move(1);
        }}
      >
        <IconChevronRight size={15} />
      </ActionIcon>
    </Group>
  );
}

interface CalendarButtonProps {
  readonly label: string;
  readonly timeMs: number | undefined;
  readonly zone: Zone;
  readonly onChange: (timeMs: number | undefined) => void;
}

/** Opens the browser's own calendar, which lives in an input of its own behind the button. */
function CalendarButton({ label, timeMs, zone, onChange }: CalendarButtonProps) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <span className={classes.calendar}>
      <input
        ref={picker}
        type="datetime-local"
        step={1}
        tabIndex={-1}
        aria-hidden
        className={classes.picker}
        value={formatTime(timeMs ?? 0, zone)
          .slice(0, 19)
          .replace(' ', 'T')}
        onChange={(event) => {
          const ms = parseTime(event.currentTarget.value, zone);
          if (ms !== undefined) onChange(ms);
        }}
      />
      <ActionIcon
        size="sm"
        aria-label={`${label}: pick from a calendar`}
        onClick={() => {
          const input = picker.current!;
          if (timeMs === undefined) input.value = formatTime(Date.now(), zone).slice(0, 19).replace(' ', 'T');
          input.showPicker();
        }}
      >
        <IconCalendar size={14} />
      </ActionIcon>
    </span>
  );
}
