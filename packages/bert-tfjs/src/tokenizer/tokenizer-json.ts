import { isJsonObject, type JsonObject } from '../checkpoint/json-file.js';
import { CheckpointError } from '../errors.js';
import { type NormalizerOptions, toNormalizerJson } from './bert-normalizer.js';
import { checkVocabulary, SPECIAL_TOKENS } from './vocabulary.js';

/** A token that is looked for in the text before it is cut into words. */
export interface AddedToken {
  id: number;
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

/** A tokenizer as Hugging Face's tokenizers library reads and writes it, as far as it is read here. */
export interface TokenizerJson extends JsonObject {
  /** Tokens of the vocabulary that are looked for whole, then tokens with ids beyond it. */
  added_tokens: AddedToken[];
  normalizer: JsonObject | null;
  pre_tokenizer: JsonObject | null;
  model: JsonObject;
}

/** The tokens of a WordPiece vocabulary, the index is the id, and those that are looked for whole. */
export interface WordPieceTokens {
  tokens: readonly string[];
  addedTokens: AddedToken[];
}

/** The special tokens of a vocabulary, in the order of their ids. */
export function specialTokens(tokens: readonly string[]): AddedToken[] {
  return SPECIAL_TOKENS.map((content) => ({
    id: tokens.indexOf(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }))
    .filter(({ id }) => id >= 0)
    .sort((a, b) => a.id - b.id);
}

/** BERT's tokenizer over a vocabulary. */
export function bertTokenizerJson(
  { tokens, addedTokens }: WordPieceTokens,
  normalizer: NormalizerOptions,
): TokenizerJson {
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  const use = (id: string) => [id, { id, ids: [tokens.indexOf(id)], tokens: [id] }] as const;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens,
    normalizer: toNormalizerJson(normalizer),
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]', 0), sequence('A', 0), special('[SEP]', 0)],
      pair: [
        special('[CLS]', 0),
        sequence('A', 0),
        special('[SEP]', 0),
        sequence('B', 1),
        special('[SEP]', 1),
      ],
      special_tokens: Object.fromEntries([use('[CLS]'), use('[SEP]')]),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  };
}

/** @throws CheckpointError when it is damaged or not BERT's tokenizer. */
export function parseBertTokenizerJson(json: JsonObject, file: string): WordPieceTokens {
  const model = part(json, 'model', 'WordPiece', file);
  part(json, 'pre_tokenizer', 'BertPreTokenizer', file);
  part(json, 'normalizer', 'BertNormalizer', file);
  if (model.continuing_subword_prefix !== '##' || model.unk_token !== '[UNK]') {
    throw new CheckpointError(file, 'its model does not use ## and [UNK]', NOT_BERT);
  }
  const vocabulary = readVocabulary(model.vocab, file);
  // With as many tokens as ids, none is missing and none is there twice.
  const tokens = [...vocabulary.keys()];
  for (const [token, id] of vocabulary) tokens[id] = token;
  if (tokens.length !== vocabulary.size || new Set(tokens).size !== tokens.length) {
    throw new CheckpointError(file, 'the ids of its vocabulary are not 0, 1, 2, …', DAMAGED);
  }
  checkVocabulary(tokens, file);
  return { tokens, addedTokens: readAddedTokens(json.added_tokens, vocabulary, file) };
}

/** @throws CheckpointError when it is damaged. */
export function parseTokenizerJson(json: JsonObject, file: string): TokenizerJson {
  const { model, normalizer = null, pre_tokenizer = null } = json;
  if (!isJsonObject(model)) throw new CheckpointError(file, 'its model is missing', DAMAGED);
  for (const [key, value] of Object.entries({ normalizer, pre_tokenizer })) {
    if (value !== null && !isJsonObject(value)) {
      throw new CheckpointError(file, `its ${key} is neither an object nor null`, DAMAGED);
    }
  }
  const added = readAddedTokens(json.added_tokens, readVocabulary(model.vocab, file), file);
  return {
    version: '1.0',
    // Left to whoever uses it.
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: normalizer as JsonObject | null,
    pre_tokenizer: pre_tokenizer as JsonObject | null,
    post_processor: json.post_processor ?? null,
    decoder: json.decoder ?? null,
    model,
  };
}

/** The ids of all tokens, of the vocabulary and added, that a checked `tokenizer.json` has. */
export function tokenIds({ model, added_tokens }: TokenizerJson): Map<string, number> {
  const ids = readVocabulary(model.vocab, 'tokenizer.json');
  for (const { content, id } of added_tokens) ids.set(content, id);
  return ids;
}

const NOT_BERT =
  'Have its tokenizer_config.json say "tokenizer_class": "PreTrainedTokenizerFast" to take the file as it is.';
const DAMAGED = 'The file is damaged: get it again.';

function part(json: JsonObject, key: string, type: string, file: string): JsonObject {
  const value = json[key];
  if (isJsonObject(value) && value.type === type) return value;
  const found = isJsonObject(value) ? JSON.stringify(value.type) : 'missing';
  throw new CheckpointError(
    file,
    `its ${key} is ${found}, not ${type} as in a BertTokenizer`,
    NOT_BERT,
  );
}

/** An object of ids by token, or Unigram's list of tokens with their scores. */
function readVocabulary(vocab: unknown, file: string): Map<string, number> {
  const entries = Array.isArray(vocab)
    ? vocab.map((pair: unknown, id) => [Array.isArray(pair) ? pair[0] : pair, id] as const)
    : Object.entries(isJsonObject(vocab) ? vocab : {});
  const ids = new Map<string, number>();
  for (const [token, id] of entries) {
    if (typeof token !== 'string' || !isId(id)) {
      throw new CheckpointError(file, 'its vocabulary does not map tokens to ids', DAMAGED);
    }
    ids.set(token, id);
  }
  if (ids.size === 0) throw new CheckpointError(file, 'its vocabulary is empty', DAMAGED);
  return ids;
}

function readAddedTokens(
  added: unknown,
  vocabulary: ReadonlyMap<string, number>,
  file: string,
): AddedToken[] {
  if (!Array.isArray(added)) {
    throw new CheckpointError(file, 'added_tokens is not a list', DAMAGED);
  }
  const taken = new Set(vocabulary.values());
  return added.map((token: unknown) => {
    if (!isJsonObject(token) || typeof token.content !== 'string') {
      throw new CheckpointError(file, 'an added token has no content', DAMAGED);
    }
    const { content, id } = token;
    const known = vocabulary.get(content);
    if (!isId(id) || (known === undefined ? taken.has(id) : id !== known)) {
      throw new CheckpointError(file, `added token ${content} has the id ${String(id)}`, DAMAGED);
    }
    taken.add(id);
    if (token.single_word === true) {
      throw new CheckpointError(
        file,
        `added token ${content} is a single word`,
        'Choose a model whose added tokens have "single_word": false.',
      );
    }
    return {
      id,
      content,
      single_word: false,
      lstrip: token.lstrip === true,
      rstrip: token.rstrip === true,
      normalized: token.normalized === true,
      special: token.special === true,
    };
  });
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
