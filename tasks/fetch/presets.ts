import type { CleaningName } from 'bert-tfjs';
import type { Config } from '../pipeline/config.js';
import type { Repository } from './hub/repository.js';

/** A repository of the hub by a name of ours; no revision: its main branch. */
export type Source = Pick<Repository, 'name'> & Partial<Pick<Repository, 'revision'>>;

interface ModelPreset extends Source {
  /** What its authors did to their texts, and recommend to do. */
  cleaning?: CleaningName;
}

const KCBERT_BASE: ModelPreset = { name: 'beomi/kcbert-base', cleaning: 'kcbert-v1' };

/** Pretrained models that `model.name` knows by a short name, whatever its case. */
export const MODELS: Readonly<Record<string, ModelPreset>> = {
  kcbert: KCBERT_BASE,
  'kcbert-base': KCBERT_BASE,
  'kcbert-large': { name: 'beomi/kcbert-large', cleaning: 'kcbert-v1' },
  kcelectra: { name: 'beomi/KcELECTRA-base', cleaning: 'kcbert-v1' },
  koelectra: { name: 'monologg/koelectra-base-v3-discriminator' },
  'klue-bert': { name: 'klue/bert-base' },
  'klue-roberta': { name: 'klue/roberta-base' },
  mbert: { name: 'google-bert/bert-base-multilingual-cased' },
};

/**
 * How texts are cleaned before they are tokenized: as configured, or else as the preset says,
 * which holds for its repository by its full name too.
 *
 * @returns null: not at all; undefined: as the model's tokenizer says
 */
export function cleaningFor({
  name,
  cleaning,
}: Pick<Config['model'], 'name' | 'cleaning'>): CleaningName | null | undefined {
  if (cleaning !== null) return cleaning === 'none' ? null : cleaning;
  const preset =
    MODELS[name.toLowerCase()] ?? Object.values(MODELS).find((model) => model.name === name);
  return preset?.cleaning;
}
