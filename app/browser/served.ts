import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from './api.js';

/** The model that answers now; asked for again, as another one may take its place. */
export function useServed() {
  return useQuery({
    queryKey: ['served'],
    // 503 is an answer too: no model yet.
    queryFn: async () => (await api.health.$get()).json(),
    refetchInterval: ({ state }) => (state.data?.model ? 10_000 : 1_500),
  });
}

/** The registered versions, the newest first. */
export function useVersions() {
  return useQuery({
    queryKey: ['versions'],
    queryFn: () => answerOf(api.models.$get()),
    refetchInterval: 15_000,
  });
}
