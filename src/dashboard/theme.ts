import type { MantineColorsTuple } from '@mantine/core';
import { Anchor, createTheme } from '@mantine/core';

const fern: MantineColorsTuple = [
  '#ecfdf6',
  '#d0f7e6',
  '#a3edcd',
  '#6edcb0',
  '#3cc493',
  '#1ea87a',
  '#128060',
  '#0e6b51',
  '#0b5541',
  '#084534',
];

export const theme = createTheme({
  primaryColor: 'fern',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  colors: { fern },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  // A link within text is told by more than its colour, and is as large as the text.
  components: { Anchor: Anchor.extend({ defaultProps: { underline: 'always', inherit: true } }) },
});
