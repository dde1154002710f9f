import { ActionIcon, Button, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { usePreferences } from './preferences.tsx';

/** Switches between the light and the dark scheme. */
export function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <Tooltip label={`Use the ${other} scheme`}>
      <ActionIcon
        aria-label={`Use the ${other} scheme`}
        onClick={() => {
          setColorScheme(other);
        }}
      >
        {scheme === 'dark' ? <IconSun size={17} /> : <IconMoon size={17} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Switches between UTC and the browser's time zone. */
export function ZoneToggle() {
  const { zone, setZone } = usePreferences();
  const other = zone === 'utc' ? 'local' : 'utc';
  const label = other === 'utc' ? 'Show times in UTC' : `Show times in ${localZoneName()}`;
  return (
    <Tooltip label={label}>
      <Button
        variant="subtle"
        color="gray"
        px={8}
        aria-label={label}
        onClick={() => {
          setZone(other);
        }}
      >
        {zone === 'utc' ? 'UTC' : 'Local'}
      </Button>
    </Tooltip>
  );
}

const localZoneName = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
