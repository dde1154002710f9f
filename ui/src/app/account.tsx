import { Button, Menu } from '@mantine/core';
import { IconLogout, IconUser } from '@tabler/icons-react';
import { type Session } from '../api/index.ts';
import { Link } from './router.tsx';
import { useSignOut } from './session.ts';
import classes from './shell.module.css';

/** Who is signed in, and the way out. A session without a name is the anonymous one. */
export function Account({ session }: { session: Session }) {
  const signOut = useSignOut();
  if (session.user === '') {
    return (
      <Link to="/signin" className={classes.link}>
        Sign in
      </Link>
    );
  }
  return (
    <Menu position="bottom-end" width={220} withinPortal>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          className={classes.account}
          leftSection={<IconUser size={16} aria-hidden />}
          aria-label={`Signed in as ${session.user}`}
        >
          <span className={classes.userName}>{session.user}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className={classes.userFull}>Signed in as {session.user}</Menu.Label>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          closeMenuOnClick={false}
          disabled={signOut.isPending}
          onClick={() => {
            signOut.mutate();
          }}
        >
          Sign out
        </Menu.Item>
        {signOut.isError && (
          <Menu.Label role="alert" c="var(--y-bad)">
            {signOut.error.message}
          </Menu.Label>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
