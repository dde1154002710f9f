import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import { type Zone } from '../format/time.ts';

/** What the reader chose for themselves, kept in this browser. */
export interface Preferences {
  readonly zone: Zone;
  readonly setZone: (zone: Zone) => void;
}

const PreferencesContext = createContext<Preferences | undefined>(undefined);
const zoneKey = 'yagura.zone';

export function PreferencesProvider(props: { children: ReactNode }) {
  const [zone, keepZone] = useState<Zone>(() => (readSetting(zoneKey) === 'local' ? 'local' : 'utc'));
  const setZone = useCallback((next: Zone) => {
    writeSetting(zoneKey, next);
    keepZone(next);
  }, []);
  const value = useMemo(() => ({ zone, setZone }), [zone, setZone]);
  return <PreferencesContext value={value}>{props.children}</PreferencesContext>;
}

export function usePreferences(): Preferences {
  const preferences = use(PreferencesContext);
  if (preferences === undefined) throw new Error('usePreferences needs a PreferencesProvider above it');
  return preferences;
}

/** A kept setting; `null` where there is none or the browser keeps nothing (private windows, blocked storage). */
export function readSetting(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a setting where the browser allows it; the page works without. */
export function writeSetting(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage full or blocked: the choice holds until the page is left.
  }
}
