import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from '@/components/toast';
import { targetKeys } from './queries';

interface Options<In, Out> {
  deed: (input: In) => Promise<Out>;
  /** Said when it is done. */
  done?: string;
  onDone?: (result: Out) => void;
  /** Its failure is shown by the caller, not by the usual word at the edge. */
  errorShown?: boolean;
}

/** Something done to a target; all that is shown of targets is looked up anew afterwards. */
export function useDeed<In, Out>({ deed, done, onDone, errorShown }: Options<In, Out>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deed,
    ...(errorShown && { meta: { errorShown } }),
    onSuccess: (result) => {
      if (done) toast.ok(done);
      onDone?.(result);
    },
    onSettled: () => client.invalidateQueries({ queryKey: targetKeys.all }),
  });
}
