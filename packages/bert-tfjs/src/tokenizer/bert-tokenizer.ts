import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { writeAtomically } from '../checkpoint/atomic-file.js';
import { readIfPresent, readJsonFile } from '../checkpoint/json-file.js';
import { CheckpointError } from '../errors.js';
import { PythonBertNormalizer } from './bert-normalizer.js';
import {
  CASED,
  readTokenizerConfig,
  type TokenizerConfig,
  toTokenizerConfigJson,
} from './tokenizer-config.js';
import {
  parseTokenizerJson,
  specialTokens,
  type TokenizerJson,
  toTokenizerJson,
} from './tokenizer-json.js';
import { checkVocabulary, parseVocabulary } from './vocabulary.js';

/** Cuts text into the ids of BERT's vocabulary, as transformers' `BertTokenizer` does. */
export class BertTokenizer {
  /** Number of ids, added tokens included. */
  readonly vocabSize: number;
  /** The id that fills the rows of a batch up to the longest. */
  readonly padId: number;
  /** The id of what the vocabulary has no entry for. */
  readonly unkId: number;
  private readonly sepId: number;
  private readonly tokenizer: Tokenizer;

  private constructor(
    private readonly json: TokenizerJson,
    /** The longest row that the model takes, as far as `tokenizer_config.json` says; or Infinity. */
    readonly maxLength: number,
  ) {
    const { tokens, addedTokens } = json;
    this.vocabSize = tokens.length + addedTokens.filter(({ id }) => id >= tokens.length).length;
    this.padId = tokens.indexOf('[PAD]');
    this.unkId = tokens.indexOf('[UNK]');
    this.sepId = tokens.indexOf('[SEP]');
    const definition = toTokenizerJson(json);
    this.tokenizer = new Tokenizer(definition, {});
    this.tokenizer.normalizer = new PythonBertNormalizer(definition.normalizer);
  }

  /**
   * Reads a Hugging Face folder: the tokens from `tokenizer.json`, or else `vocab.txt`; how text is
   * normalized from `tokenizer_config.json`, which transformers too puts before `tokenizer.json`.
   *
   * @throws CheckpointError when a file is missing, damaged, or of another kind of tokenizer.
   */
  static async fromFolder(folder: string): Promise<BertTokenizer> {
    const { config, generic } = await readTokenizerConfig(join(folder, 'tokenizer_config.json'));
    const jsonFile = join(folder, 'tokenizer.json');
    const json = await readJsonFile(jsonFile);
    if (json !== undefined) {
      const parsed = parseTokenizerJson(json, jsonFile);
      const normalizer = generic ? parsed.normalizer : config;
      return new BertTokenizer({ ...parsed, normalizer }, config.maxLength);
    }
    const vocabularyFile = join(folder, 'vocab.txt');
    const vocabulary = await readIfPresent(vocabularyFile);
    if (vocabulary === undefined) {
      throw new CheckpointError(
        folder,
        'has neither tokenizer.json nor vocab.txt',
        "Add the model's vocabulary.",
      );
    }
    return BertTokenizer.fromVocabulary(parseVocabulary(vocabulary, vocabularyFile), config);
  }

  /**
   * A tokenizer over a vocabulary; the index of a token is its id.
   *
   * @throws CheckpointError when a token is there twice or a special token is missing.
   */
  static fromVocabulary(tokens: readonly string[], config: TokenizerConfig = CASED): BertTokenizer {
    checkVocabulary(tokens, 'vocabulary');
    const json = { tokens, addedTokens: specialTokens(tokens), normalizer: config };
    return new BertTokenizer(json, config.maxLength);
  }

  /** The same tokenizer, saved as one of a model that takes rows up to this length. */
  withMaxLength(maxLength: number): BertTokenizer {
    return new BertTokenizer(this.json, maxLength);
  }

  /**
   * @param maxLength Most ids to return, [CLS] and [SEP] included; what is beyond is cut off.
   * @returns The ids of `[CLS] … [SEP]`.
   */
  encode(text: string, maxLength: number): Int32Array {
    if (maxLength < 2) throw new RangeError(`maxLength ${maxLength} leaves no room for a text`);
    const { ids } = this.tokenizer.encode(text);
    const row = Int32Array.from(ids.length > maxLength ? ids.slice(0, maxLength) : ids);
    row[row.length - 1] = this.sepId;
    return row;
  }

  /** Writes `vocab.txt`, `tokenizer.json` and `tokenizer_config.json` as transformers reads them. */
  async save(folder: string): Promise<void> {
    const { tokens, addedTokens, normalizer } = this.json;
    const beyond = addedTokens.filter(({ id }) => id >= tokens.length);
    const lines = [...tokens, ...beyond.map(({ content }) => content)];
    const config = { ...normalizer, maxLength: this.maxLength };
    const files = {
      'vocab.txt': lines.map((token) => `${token}\n`).join(''),
      'tokenizer.json': toText(toTokenizerJson(this.json)),
      'tokenizer_config.json': toText(toTokenizerConfigJson(config)),
    };
    for (const [name, content] of Object.entries(files)) {
      await writeAtomically(join(folder, name), (file) => file.writeFile(content));
    }
  }
}

function toText(json: object): string {
  return `${JSON.stringify(json, undefined, 2)}\n`;
}
