import { Loader } from '@mantine/core';
import classes from './page.module.css';

/** Stands where something is on its way; appears only after a moment, so that quick answers do not flicker. */
export function Loading({ label }: { label: string }) {
  return (
    <div className={classes.loading} role="status" aria-label={label}>
      <Loader size="sm" color="gray" />
    </div>
  );
}
