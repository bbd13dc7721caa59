import type { JsonObject } from './checkpoint/json-file.js';
import { CheckpointError } from './errors.js';

/** What an encoder family has of its own. */
interface Family {
  /** How the names of transformers' classes begin. */
  readonly className: string;
  /** The encoder's name within a classifier: its weights are `<prefix>.encoder.…`. */
  readonly prefix: string;
  /** The two layers between the first token and the logits. */
  readonly head: { readonly dense: string; readonly output: string };
  /** Positions are counted from the one after `pad_token_id`. */
  readonly positionsAfterPadding: boolean;
  /** Of its configuration in transformers. */
  readonly defaults: {
    readonly vocabSize: number;
    readonly embeddingSize: number;
    readonly hiddenSize: number;
    readonly numAttentionHeads: number;
    readonly intermediateSize: number;
    readonly padTokenId: number;
  };
}

const BASE = {
  vocabSize: 30522,
  embeddingSize: 768,
  hiddenSize: 768,
  numAttentionHeads: 12,
  intermediateSize: 3072,
};

const ROBERTA = {
  prefix: 'roberta',
  head: { dense: 'classifier.dense', output: 'classifier.out_proj' },
  positionsAfterPadding: true,
};

/** The encoder families that are read here, by `model_type`. */
export const FAMILIES = {
  bert: {
    className: 'Bert',
    prefix: 'bert',
    head: { dense: 'bert.pooler.dense', output: 'classifier' },
    positionsAfterPadding: false,
    defaults: { ...BASE, padTokenId: 0 },
  },
  electra: {
    className: 'Electra',
    prefix: 'electra',
    head: { dense: 'classifier.dense', output: 'classifier.out_proj' },
    positionsAfterPadding: false,
    defaults: {
      vocabSize: 30522,
      embeddingSize: 128,
      hiddenSize: 256,
      numAttentionHeads: 4,
      intermediateSize: 1024,
      padTokenId: 0,
    },
  },
  roberta: {
    ...ROBERTA,
    className: 'Roberta',
    defaults: { ...BASE, vocabSize: 50265, padTokenId: 1 },
  },
  'xlm-roberta': {
    ...ROBERTA,
    className: 'XLMRoberta',
    defaults: { ...BASE, padTokenId: 1 },
  },
} as const satisfies Record<string, Family>;

export type ModelType = keyof typeof FAMILIES;

const MODEL_TYPES = Object.keys(FAMILIES) as ModelType[];

/**
 * The family of the model that a `config.json` describes: by `model_type`, or else by the name of
 * its architecture; BERT where it says neither.
 *
 * @throws CheckpointError when it is another one, by its name.
 */
export function familyOf(json: JsonObject, where: string): ModelType {
  const architecture = architectureIn(json);
  const modelType = json.model_type ?? typeOfClass(architecture);
  const known = MODEL_TYPES.find((name) => name === modelType);
  if (known === undefined) {
    const names = [architecture, json.model_type].filter((part) => part !== undefined);
    throw new CheckpointError(
      where,
      `the architecture is ${names.join(', ')}, not BERT, ELECTRA or RoBERTa`,
      `Choose a model whose config.json says "model_type": ${MODEL_TYPES.map((name) => `"${name}"`).join(' or ')}.`,
    );
  }
  if (architecture === 'ElectraForMaskedLM') {
    throw new CheckpointError(
      where,
      `the architecture is ${architecture}, the generator of an ELECTRA`,
      'Choose the discriminator that was trained with it (ElectraForPreTraining).',
    );
  }
  return known;
}

/**
 * Whether `classifier.…` are weights of a text classifier. Classifiers of tokens or of answers call
 * theirs the same.
 */
export function isTextClassifier(json: JsonObject): boolean {
  return architectureIn(json)?.endsWith('ForSequenceClassification') ?? true;
}

function architectureIn({ architectures }: JsonObject): string | undefined {
  const [first]: unknown[] = Array.isArray(architectures) ? architectures : [];
  return first === undefined ? undefined : String(first);
}

function typeOfClass(architecture: string | undefined): ModelType | undefined {
  if (architecture === undefined) return 'bert';
  const name = /^([A-Za-z]+?)(?:For[A-Z]|Model$)/.exec(architecture)?.[1];
  return MODEL_TYPES.find((type) => FAMILIES[type].className === name);
}
