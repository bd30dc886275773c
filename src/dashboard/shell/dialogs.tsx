import { Help } from './help';
import { Palette } from './palette';

interface DialogsProps {
  readonly helpOpen: boolean;
  readonly onCloseHelp: () => void;
}

/** What opens over a page; it is no part of the first load. */
export function Dialogs({ helpOpen, onCloseHelp }: DialogsProps) {
  return (
    <>
      <Palette />
      <Help opened={helpOpen} onClose={onCloseHelp} />
    </>
  );
}
