import {
  ActionIcon,
  Badge,
  Button,
  createTheme,
  type CSSVariablesResolver,
  Input,
  type MantineColorsTuple,
  NativeSelect,
  PasswordInput,
  SegmentedControl,
  TextInput,
  Tooltip,
} from '@mantine/core';

// Indigo as dyed cloth has it: the one accent; the colours of states are tokens of tokens.css.
const indigo: MantineColorsTuple = [
  '#eef4fb',
  '#dce7f4',
  '#b6cee9',
  '#8db3de',
  '#6b9cd5',
  '#558ecf',
  '#4887cd',
  '#3873b5',
  '#2b5e9b',
  '#1c4e85',
];

const slate: MantineColorsTuple = [
  '#dde2ea',
  '#b8c0cc',
  '#98a2b3',
  '#6b7585',
  '#404856',
  '#303642',
  '#232832',
  '#1a1d24',
  '#14161b',
  '#0f1115',
];

const small = { defaultProps: { size: 'xs' } };

/** Dense and quiet: small controls, one accent, hairline borders. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 7 },
  colors: { indigo, dark: slate },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'var(--y-mono)',
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  headings: { fontWeight: '600' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { size: 'md', variant: 'subtle', color: 'gray' } }),
    Badge: Badge.extend({ defaultProps: { size: 'sm', variant: 'light', radius: 'sm', tt: 'none' } }),
    Button: Button.extend({ defaultProps: { size: 'xs', fw: 500 } }),
    Input: Input.extend(small),
    NativeSelect: NativeSelect.extend(small),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'sm' } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs', fw: 500 } }),
    TextInput: TextInput.extend(small),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: true, fz: 'xs' } }),
  },
});

const surfaces = {
  '--mantine-color-body': 'var(--y-surface)',
  '--mantine-color-text': 'var(--y-text)',
  '--mantine-color-placeholder': 'var(--y-text-dim)',
  '--mantine-color-dimmed': 'var(--y-text-dim)',
  '--mantine-color-anchor': 'var(--y-accent)',
  '--mantine-color-default-border': 'var(--y-border)',
  '--mantine-color-error': 'var(--y-bad)',
};

/** Mantine's own surfaces take the tokens' colours, so that there is one palette. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: surfaces, dark: surfaces });
