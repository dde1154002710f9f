import { Tabs } from '@mantine/core';
import { usePlace, useRouter } from '../app/index.ts';
import { Page } from '../widgets/index.ts';
import { ConfigSection } from './config-section.tsx';
import { FlagsSection } from './flags-section.tsx';
import { ServerSection } from './server-section.tsx';
import classes from './status.module.css';
import { StorageSection } from './storage-section.tsx';

const sections = [
  { value: 'server', label: 'Server', Section: ServerSection },
  { value: 'storage', label: 'Storage', Section: StorageSection },
  { value: 'config', label: 'Configuration', Section: ConfigSection },
  { value: 'flags', label: 'Flags', Section: FlagsSection },
] as const;

/** The server itself. Which section is open stands in the address. */
export default function StatusPage() {
  const router = useRouter();
  const { search } = usePlace();
  const wanted = new URLSearchParams(search).get('section');
  const open = sections.find((s) => s.value === wanted)?.value ?? 'server';
  return (
    <Page title="Status">
      <Tabs
        value={open}
        keepMounted={false}
        onChange={(value) => {
          router.go(router.href('/status', `?section=${value ?? 'server'}`));
        }}
      >
        <Tabs.List>
          {sections.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {sections.map(({ value, Section }) => (
          <Tabs.Panel key={value} value={value} className={classes.panel}>
            <Section />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
