import type { Repository } from './hub/repository.js';

/** A repository of the hub by a name of ours; no revision: its main branch. */
export type Source = Pick<Repository, 'name'> & Partial<Pick<Repository, 'revision'>>;

/** Pretrained models that `model.name` knows by a short name, whatever its case. */
export const MODELS: Readonly<Record<string, Source>> = {
  kcbert: { name: 'beomi/kcbert-base' },
  'kcbert-base': { name: 'beomi/kcbert-base' },
  'kcbert-large': { name: 'beomi/kcbert-large' },
  'klue-bert': { name: 'klue/bert-base' },
  mbert: { name: 'google-bert/bert-base-multilingual-cased' },
};
