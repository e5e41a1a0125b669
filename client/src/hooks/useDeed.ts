import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from '@/components/toast';

export interface Deed<In, Out> {
  deed: (input: In) => Promise<Out>;
  /** The key of what is shown and may have changed: it is looked up anew afterwards. */
  changes: QueryKey;
  /** Said when it is done. */
  done?: string;
  onDone?: (result: Out) => void;
  /** Its failure is shown by the caller, not by the usual word at the edge. */
  errorShown?: boolean;
}

/** Something that is done at the press of a button. */
export function useDeed<In, Out>({ deed, changes, done, onDone, errorShown }: Deed<In, Out>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deed,
    ...(errorShown && { meta: { errorShown } }),
    onSuccess: (result) => {
      if (done) toast.ok(done);
      onDone?.(result);
    },
    onSettled: () => client.invalidateQueries({ queryKey: changes }),
  });
}
