// The library's own declarations (0.2.0) import each other without file endings, which NodeNext
// does not resolve: everything would be `any` or absent. This is what is used of it here.
declare module '@huggingface/tokenizers' {
  export class Tokenizer {
    normalizer: Normalizer | null;
    model: Model;
    /** @param tokenizer Content of a tokenizer.json. @param config Of a tokenizer_config.json. */
    constructor(tokenizer: object, config: object);
    encode(text: string): { ids: number[] };
  }

  export class Model {
    /** The tokens of a text's words. */
    _call(words: readonly string[]): string[];
  }

  export class Normalizer {
    config: { type: string };
    constructor(config: object);
    normalize(text: string): string;
  }

  export class SequenceNormalizer extends Normalizer {
    normalizers: (Normalizer | null)[];
  }

  export class BertNormalizer extends Normalizer {
    config: BertNormalizerConfig;
  }

  export interface BertNormalizerConfig {
    type: 'BertNormalizer';
    clean_text: boolean;
    handle_chinese_chars: boolean;
    strip_accents: boolean | null;
    lowercase: boolean;
  }

  export class BertPreTokenizer {
    pre_tokenize_text(text: string): string[];
  }
}
