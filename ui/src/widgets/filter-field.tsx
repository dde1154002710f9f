import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';

interface FilterFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly width?: number | string;
  readonly autoFocus?: boolean;
}

/** A search field: what it filters is its placeholder and its name. */
export function FilterField({ label, value, onChange, width = 260, autoFocus }: FilterFieldProps) {
  return (
    <TextInput
      w={width}
      maw="100%"
      type="search"
      aria-label={label}
      placeholder={label}
      value={value}
      data-autofocus={autoFocus}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        value === '' ? null : (
          <CloseButton
            size="xs"
            aria-label="Clear the filter"
            onClick={() => {
              onChange('');
            }}
          />
        )
      }
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}
