import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import classes from './signin.module.css';

interface PasswordFormProps {
  readonly isPending: boolean;
  readonly onSubmit: (user: string, password: string) => void;
}

/** User and password, named so that password managers know them. */
export function PasswordForm({ isPending, onSubmit }: PasswordFormProps) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(user, password);
      }}
    >
      <TextInput
        size="sm"
        label="User"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        required
        withAsterisk={false}
        value={user}
        onChange={(event) => {
          setUser(event.currentTarget.value);
        }}
      />
      <PasswordInput
        label="Password"
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => {
          setPassword(event.currentTarget.value);
        }}
      />
      <Button type="submit" size="sm" fullWidth loading={isPending} mt={4}>
        Sign in
      </Button>
    </form>
  );
}
