import { useState } from 'react';
import { Stack } from '@/components/Stack';
import { DeadLetters } from './DeadLetters';
import { JobList } from './JobList';
import { ReplayDialog } from './ReplayDialog';

/** What was given up, what is being sent again, and the way to more of it. */
export function ReplayBoard() {
  const [adding, setAdding] = useState(false);
  const add = () => {
    setAdding(true);
  };
  return (
    <Stack>
      <JobList onAdd={add} />
      <DeadLetters />
      {adding && (
        <ReplayDialog
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </Stack>
  );
}
