import { DeleteDialog } from './DeleteDialog';
import { PauseDialog } from './PauseDialog';
import type { Target } from './queries';
import { RotateDialog } from './RotateDialog';
import { SecretDialog } from './SecretDialog';
import { TargetDialog } from './TargetDialog';
import { TestDialog } from './TestDialog';

export type Deed = 'edit' | 'test' | 'pause' | 'rotate' | 'delete';

/** What is open in front of the targets. */
export type Open =
  | { deed: 'add' }
  | { deed: Deed; target: Target }
  | { deed: 'secret'; name: string; secret: string }
  | null;

interface Props {
  open: Open;
  onOpen: (next: Open) => void;
  onClose: () => void;
}

export function DeedDialog({ open, onOpen, onClose }: Props) {
  const onSecret = (name: string, secret: string) => {
    onOpen({ deed: 'secret', name, secret });
  };
  switch (open?.deed) {
    case 'add':
      return <TargetDialog onSecret={onSecret} onClose={onClose} />;
    case 'edit':
      return <TargetDialog target={open.target} onSecret={onSecret} onClose={onClose} />;
    case 'secret':
      return <SecretDialog name={open.name} secret={open.secret} onClose={onClose} />;
    case 'test':
      return <TestDialog target={open.target} onClose={onClose} />;
    case 'pause':
      return <PauseDialog target={open.target} onClose={onClose} />;
    case 'rotate':
      return <RotateDialog target={open.target} onSecret={onSecret} onClose={onClose} />;
    case 'delete':
      return <DeleteDialog target={open.target} onClose={onClose} />;
    default:
      return null;
  }
}
