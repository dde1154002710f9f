import { useCallback, useState } from 'react';
import { readSetting, useSession, writeSetting } from '../../app/index.ts';
import { parseHistory, remember } from './history.ts';

/** The queries this reader ran in this browser, newest first. Readers who share a browser do not see each other's. */
export function useQueryHistory() {
  const user = useSession().data?.user ?? '';
  const key = `yagura.history.${user}`;
  const [version, setVersion] = useState(0);
  const read = useCallback(() => parseHistory(readSetting(key)), [key]);
  const add = useCallback(
    (query: string) => {
      writeSetting(key, JSON.stringify(remember(read(), query)));
      setVersion((v) => v + 1);
    },
    [key, read],
  );
  const clear = useCallback(() => {
    writeSetting(key, undefined);
    setVersion((v) => v + 1);
  }, [key]);
  return { read, add, clear, version };
}

export type QueryHistory = ReturnType<typeof useQueryHistory>;
