import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type Proof } from '../api/index.ts';
import classes from './signin.module.css';

interface SignInFormProps {
  readonly isPending: boolean;
  readonly onSubmit: (proof: Proof) => void;
}

/** User and password, named so that password managers know them; or a token, as a server without users prints one. */
export function SignInForm({ isPending, onSubmit }: SignInFormProps) {
  const [by, setBy] = useState<'password' | 'token'>('password');
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [token, setToken] = useState('');
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(by === 'token' ? { token: token.trim() } : { user, password });
      }}
    >
      {by === 'password' ? (
        <>
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
        </>
      ) : (
        <PasswordInput
          key="token"
          label="Token"
          name="token"
          autoComplete="off"
          autoFocus
          required
          withAsterisk={false}
          value={token}
          onChange={(event) => {
            setToken(event.currentTarget.value);
          }}
        />
      )}
      <Button type="submit" size="sm" fullWidth loading={isPending} mt={4}>
        Sign in
      </Button>
      <Anchor
        component="button"
        type="button"
        size="sm"
        onClick={() => {
          setBy(by === 'token' ? 'password' : 'token');
        }}
      >
        {by === 'token' ? 'Use a password instead' : 'Use a token instead'}
      </Anchor>
    </form>
  );
}
