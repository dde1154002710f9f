/** The environment variables a configuration may refer to. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `$NAME` and `${NAME}` by the environment, `$$` by a dollar sign; unknown variables become empty.
 *
 * @param onEmpty called with the name of each variable that is unset or empty
 * @see Go `os.Expand`, which decides what counts as a name
 */
export function expandEnvironment(text: string, env: Environment, onEmpty: (name: string) => void = () => {}): string {
  return text.replace(
    /\$(?:\{([*#$@!?\-0-9])\}|\{([^}]+)\}|(\{\})|(\{)|([*#$@!?\-0-9])|([A-Za-z0-9_]+))/g,
    (
      _whole,
      special: string | undefined,
      braced: string | undefined,
      empty,
      open,
      single: string | undefined,
      word: string | undefined,
    ) => {
      // Go eats what is no valid reference.
      if (empty !== undefined || open !== undefined) return '';
      const name = special ?? braced ?? single ?? word ?? '';
      if (name === '$') return '$';
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value !== undefined && value !== '') return value;
      onEmpty(name);
      return '';
    },
  );
}
