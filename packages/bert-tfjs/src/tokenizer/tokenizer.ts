import { join } from 'node:path';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { writeAtomically } from '../checkpoint/atomic-file.js';
import { readIfPresent, readJsonFile } from '../checkpoint/json-file.js';
import { CheckpointError } from '../errors.js';
import { fromNormalizerJson } from './bert-normalizer.js';
import { type CleaningName, cleaningOf, withCleaning } from './cleaning.js';
import {
  cutWordByWord,
  pythonEquivalent,
  UnsupportedPart,
  withPythonNormalizers,
} from './python-equivalent.js';
import { findRoles, readRoles, type TokenRoles } from './token-roles.js';
import {
  bertTokenizerConfigJson,
  CASED,
  genericTokenizerConfigJson,
  readTokenizerConfig,
  type TokenizerConfig,
} from './tokenizer-config.js';
import {
  bertTokenizerJson,
  parseBertTokenizerJson,
  parseTokenizerJson,
  specialTokens,
  type TokenizerJson,
  tokenIds,
} from './tokenizer-json.js';
import { checkVocabulary, parseVocabulary } from './vocabulary.js';

/** Cuts text into the ids of a model's vocabulary, as Python's transformers does. */
export class Tokenizer {
  /** Number of ids, added tokens included. */
  readonly vocabSize: number;
  /** The id that fills the rows of a batch up to the longest. */
  readonly padId: number;
  /** The id of what the vocabulary has no entry for; -1 where there is no such thing. */
  readonly unkId: number;
  private readonly sepId: number;
  private readonly roles: TokenRoles;
  private readonly library: Library;

  private constructor(
    private readonly json: TokenizerJson,
    /** The longest row that the model takes, as far as `tokenizer_config.json` says; or Infinity. */
    readonly maxLength: number,
    roles: TokenRoles,
    /** For messages. */
    private readonly where: string,
  ) {
    this.library = makeLibrary(json, where);
    const ids = tokenIds(json);
    const { ids: around } = this.library.encode('');
    const found = findRoles(ids, roles, around, where);
    this.vocabSize = [...ids.values()].reduce((a, b) => Math.max(a, b), -1) + 1;
    this.padId = ids.get(found.pad_token)!;
    this.unkId = ids.get(found.unk_token ?? '') ?? -1;
    this.sepId = ids.get(found.sep_token)!;
    this.roles = found;
  }

  /**
   * Reads a Hugging Face folder: `tokenizer.json`, or else BERT's `vocab.txt`. How a BERT tokenizer
   * normalizes text is said by `tokenizer_config.json`, which transformers too puts before
   * `tokenizer.json`; other tokenizers are taken from `tokenizer.json` as they are.
   *
   * @throws CheckpointError when a file is missing, damaged, or of a kind that is not supported.
   */
  static async fromFolder(folder: string): Promise<Tokenizer> {
    const configFile = join(folder, 'tokenizer_config.json');
    const { className, isBert, config, roles } = await readTokenizerConfig(configFile);
    const { maxLength } = config;
    const jsonFile = join(folder, 'tokenizer.json');
    const json = await readJsonFile(jsonFile);
    if (json !== undefined) {
      const any = parseTokenizerJson(json, jsonFile);
      if (!isBert && (className !== undefined || any.model.type !== 'WordPiece')) {
        const map = await readJsonFile(join(folder, 'special_tokens_map.json'));
        return new Tokenizer(any, maxLength, { ...readRoles(map ?? {}), ...roles }, jsonFile);
      }
      const tokens = parseBertTokenizerJson(json, jsonFile);
      return new Tokenizer(bertTokenizerJson(tokens, config), maxLength, {}, jsonFile);
    }
    if (className !== undefined && !isBert) {
      throw new CheckpointError(
        configFile,
        `tokenizer_class ${JSON.stringify(className)} is not BertTokenizer, and there is no tokenizer.json`,
        'Make one with transformers: AutoTokenizer.from_pretrained(…).save_pretrained(…).',
      );
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
    return Tokenizer.fromVocabulary(parseVocabulary(vocabulary, vocabularyFile), config);
  }

  /**
   * A BERT tokenizer over a vocabulary; the index of a token is its id.
   *
   * @throws CheckpointError when a token is there twice or a special token is missing.
   */
  static fromVocabulary(tokens: readonly string[], config: TokenizerConfig = CASED): Tokenizer {
    checkVocabulary(tokens, 'vocabulary');
    const json = bertTokenizerJson({ tokens, addedTokens: specialTokens(tokens) }, config);
    return new Tokenizer(json, config.maxLength, {}, 'vocabulary');
  }

  /** The cleaning that a text goes through first. */
  get cleaning(): CleaningName | null {
    return cleaningOf(this.json.normalizer);
  }

  /** The same tokenizer, saved as one of a model that takes rows up to this length. */
  withMaxLength(maxLength: number): Tokenizer {
    return new Tokenizer(this.json, maxLength, this.roles, this.where);
  }

  /** The same tokenizer with this cleaning in place of the one it has. */
  withCleaning(cleaning: CleaningName | null): Tokenizer {
    const normalizer = withCleaning(this.json.normalizer, cleaning);
    return new Tokenizer({ ...this.json, normalizer }, this.maxLength, this.roles, this.where);
  }

  /** The text as it is before it is cut into words: cleaned and normalized. */
  normalize(text: string): string {
    const wellFormed = toWellFormed(text);
    return this.library.normalizer?.normalize(wellFormed) ?? wellFormed;
  }

  /**
   * @param text A lone surrogate in it is read as U+FFFD, as it would be once saved as UTF-8.
   * @param maxLength Most ids to return, [CLS] and [SEP] included; what is beyond is cut off.
   * @returns The ids of `[CLS] … [SEP]`, whatever the vocabulary calls these.
   */
  encode(text: string, maxLength: number): Int32Array {
    if (maxLength < 2) throw new RangeError(`maxLength ${maxLength} leaves no room for a text`);
    const { ids } = this.library.encode(toWellFormed(text));
    const row = Int32Array.from(ids.length > maxLength ? ids.slice(0, maxLength) : ids);
    row[row.length - 1] = this.sepId;
    return row;
  }

  /**
   * Writes `tokenizer.json`, `tokenizer_config.json` and, of a WordPiece vocabulary, `vocab.txt`, as
   * transformers reads them.
   */
  async save(folder: string): Promise<void> {
    const { normalizer, pre_tokenizer, model } = this.json;
    // transformers makes a BertTokenizer's parts anew; it keeps others only of the generic class.
    const isBert =
      pre_tokenizer?.type === 'BertPreTokenizer' && model.continuing_subword_prefix === '##';
    const config =
      isBert && normalizer?.type === 'BertNormalizer'
        ? bertTokenizerConfigJson(
            { ...fromNormalizerJson(normalizer), maxLength: this.maxLength },
            this.roles,
          )
        : genericTokenizerConfigJson(this.maxLength, this.roles);
    const files: Record<string, string> = {
      'tokenizer.json': toText(this.json),
      'tokenizer_config.json': toText(config),
    };
    if (model.type === 'WordPiece') {
      const byId = [...tokenIds(this.json)].sort(([, a], [, b]) => a - b);
      files['vocab.txt'] = byId.map(([token]) => `${token}\n`).join('');
    }
    for (const [name, content] of Object.entries(files)) {
      await writeAtomically(join(folder, name), (file) => file.writeFile(content));
    }
  }
}

/** @throws CheckpointError naming what is not supported. */
function makeLibrary(json: TokenizerJson, where: string): Library {
  try {
    // The library looks in the second for the unknown token of a WordLevel model.
    const library = new Library(pythonEquivalent(json), { unk_token: json.model.unk_token });
    if (json.model.fuse_unk === true) cutWordByWord(library.model);
    library.normalizer = withPythonNormalizers(library.normalizer);
    return library;
  } catch (error) {
    const reason =
      error instanceof UnsupportedPart
        ? error.message
        : `it is damaged or of an unknown kind (${error instanceof Error ? error.message : error})`;
    throw new CheckpointError(where, reason, 'Choose a model with another tokenizer.');
  }
}

function toWellFormed(text: string): string {
  return /\p{Cs}/u.test(text) ? text.replace(/\p{Cs}/gu, '\ufffd') : text;
}

function toText(json: object): string {
  return `${JSON.stringify(json, undefined, 2)}\n`;
}
