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

/** What a `tokenizer.json` of a BERT tokenizer holds. */
export interface TokenizerJson {
  /** WordPiece's vocabulary; the index is the id. */
  tokens: readonly string[];
  /** Tokens of the vocabulary that are looked for whole, then tokens with ids beyond it. */
  addedTokens: readonly AddedToken[];
  normalizer: NormalizerOptions;
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

/** A BERT tokenizer as Hugging Face's tokenizers library reads and writes it. */
export function toTokenizerJson({ tokens, addedTokens, normalizer }: TokenizerJson) {
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

/** @throws CheckpointError when it is damaged or not a BERT tokenizer. */
export function parseTokenizerJson(json: JsonObject, file: string): TokenizerJson {
  const model = part(json, 'model', 'WordPiece', file);
  part(json, 'pre_tokenizer', 'BertPreTokenizer', file);
  const normalizer = part(json, 'normalizer', 'BertNormalizer', file);
  if (model.continuing_subword_prefix !== '##' || model.unk_token !== '[UNK]') {
    throw new CheckpointError(file, 'its model does not use ## and [UNK]', OTHER_MODEL);
  }
  const tokens = readVocabulary(model.vocab, file);
  return {
    tokens,
    addedTokens: readAddedTokens(json.added_tokens, tokens, file),
    normalizer: {
      doLowerCase: normalizer.lowercase === true,
      stripAccents: typeof normalizer.strip_accents === 'boolean' ? normalizer.strip_accents : null,
      tokenizeChineseChars: normalizer.handle_chinese_chars === true,
    },
  };
}

const OTHER_MODEL = 'Choose a model with a BERT tokenizer (WordPiece).';
const DAMAGED = 'The file is damaged: get it again.';

function part(json: JsonObject, key: string, type: string, file: string): JsonObject {
  const value = json[key];
  if (isJsonObject(value) && value.type === type) return value;
  const found = isJsonObject(value) ? JSON.stringify(value.type) : 'missing';
  throw new CheckpointError(file, `its ${key} is ${found}, not ${type}`, OTHER_MODEL);
}

function readVocabulary(vocab: unknown, file: string): string[] {
  const entries = isJsonObject(vocab) ? Object.entries(vocab) : [];
  const tokens: string[] = [];
  for (const [token, id] of entries) {
    if (typeof id === 'number' && id >= 0 && id < entries.length) tokens[id] = token;
  }
  // With as many tokens as ids, none is missing and none is there twice.
  if (Object.keys(tokens).length !== entries.length) {
    throw new CheckpointError(file, 'the ids of its vocabulary are not 0, 1, 2, …', DAMAGED);
  }
  checkVocabulary(tokens, file);
  return tokens;
}

function readAddedTokens(added: unknown, tokens: readonly string[], file: string): AddedToken[] {
  if (!Array.isArray(added)) {
    throw new CheckpointError(file, 'added_tokens is not a list', DAMAGED);
  }
  let nextId = tokens.length;
  return added.map((token: unknown) => {
    if (!isJsonObject(token) || typeof token.content !== 'string') {
      throw new CheckpointError(file, 'an added token has no content', DAMAGED);
    }
    const { content, id } = token;
    const known = tokens.indexOf(content);
    if (id !== (known < 0 ? nextId++ : known)) {
      throw new CheckpointError(file, `added token ${content} has the id ${String(id)}`, DAMAGED);
    }
    if (token.single_word === true) {
      throw new CheckpointError(file, `added token ${content} is a single word`, OTHER_MODEL);
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
