import type { Stage, StageName } from './context.js';

/** Loads a stage; only then its libraries, so that `ml4 --help` and `ml4 notify` start at once. */
export function loadStage(name: StageName): Promise<Stage> {
  return loaders[name]();
}

const loaders: Record<StageName, () => Promise<Stage>> = {
  fetch: async () => (await import('../fetch/fetch.js')).fetchStage,
  train: async () => (await import('../train/train.js')).trainStage,
  eval: async () => (await import('../eval/eval.js')).evalStage,
  register: async () => (await import('../register/register.js')).registerStage,
  notify: async () => (await import('../notify/notify.js')).notifyStage,
};
