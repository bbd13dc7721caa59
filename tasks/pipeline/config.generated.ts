// Made from configs/config.schema.json by `npm run generate -w ml4`. Do not edit.

/**
 * Configuration of an ml4 pipeline. Every key has a default; a file names only what differs.
 */
export interface Config {
  /**
   * The labeled texts that a classifier is trained and judged on.
   */
  dataset: {
    /**
     * Where the texts come from: `nsmc` (Naver movie reviews, 2 labels), `klue-ynat` (news headlines, 7 topics), `kor-3i4k` (utterances, 7 intents), `kor-hate` (comments, 3 degrees of hate), `quickstart` and `topics` (reviews and 7 topics generated on this machine, no download), or the id of a data set on the Hugging Face hub, such as `owner/name`.
     */
    name: string;
    /**
     * A local file (TSV, CSV, JSONL, parquet; the first three also gzipped) or folder to read instead of downloading. For NSMC: the folder with ratings_train.txt and ratings_test.txt.
     */
    path: string | null;
    /**
     * Commit, branch or tag of the data set on the hub. Empty: its newest.
     */
    revision: string | null;
    /**
     * Name of the subset (configuration) of a data set on the hub that has several. Empty: known for presets, else the only one, or `default`.
     */
    subset: string | null;
    /**
     * Name of the split to train on, as the files call it. Empty: known for presets, else `train`.
     */
    train_split: string | null;
    /**
     * Name of the split to choose the best checkpoint on. Empty: `validation` or `dev` where there is one that is not the test split, else drawn from train (dataset.dev_fraction).
     */
    dev_split: string | null;
    /**
     * Name of the split to judge on. Empty: known for presets, else `test` where there is one, else a fifth drawn from train.
     */
    test_split: string | null;
    /**
     * Name of the column that holds the text. Empty: known for presets, else `text`.
     */
    text_column: string | null;
    /**
     * Name of the column that holds the label. Empty: known for presets, else `label`.
     */
    label_column: string | null;
    /**
     * Share of the training texts to use, the same share of every label; 1 uses all of them. The test texts are always all used.
     */
    sampling_rate: number;
    /**
     * Longest text in tokens, with [CLS] and [SEP]; what is longer is cut off at the end.
     */
    max_length: number;
    /**
     * Share of the training texts held out to choose the best checkpoint. The test split is never used for that.
     */
    dev_fraction: number;
  };
  /**
   * What is looked for in the data before training. Each check has the figure from which it warns and the one from which it stops the run; between nothing and a warning it is a note.
   */
  validation: {
    /**
     * Rows that are not as their file promises: other columns than the first line names, no JSON, no UTF-8, a label that is not in the label set. They are left out where that is no error.
     */
    malformed: {
      /**
       * Rows that are not as their file promises (other columns than the first line names, no JSON, no UTF-8, a label that is not in the label set), which are left out where that is no error: a warning from this on (share of all rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Rows without a text, which are left out.
     */
    empty: {
      /**
       * Rows without a text, which are left out: a warning from this on (share of all rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Rows with a text but no label, which are left out where that is no error.
     */
    unlabeled: {
      /**
       * Rows with a text but no label, which are left out where that is no error: a warning from this on (share of all rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Texts with characters that a wrong conversion leaves, such as U+FFFD.
     */
    damaged: {
      /**
       * Texts with characters that a wrong conversion leaves, such as U+FFFD: a warning from this on (share of all rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Texts in decomposed form (NFD); they are composed.
     */
    decomposed: {
      /**
       * Texts in decomposed form (NFD); they are composed: a warning from this on (share of all rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Texts with Hangul jamo that form no syllable.
     */
    broken_jamo: {
      /**
       * Texts with Hangul jamo that form no syllable: a warning from this on (share of all rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Copies of a text in the same split.
     */
    duplicated: {
      /**
       * Copies of a text in the same split: a warning from this on (share of all rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Texts that came before with another label.
     */
    conflicting: {
      /**
       * Texts that came before with another label: a warning from this on (share of all rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Texts of dev or test that are in train too.
     */
    leaked: {
      /**
       * Texts of dev or test that are in train too: a warning from this on (share of that split's rows). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Labels that are rare in train.
     */
    imbalanced: {
      /**
       * Labels that are rare in train: a warning from this on (how far below an even share: 0 is even, 1 is none at all). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Texts of train with more tokens than dataset.max_length, which are cut off.
     */
    truncated: {
      /**
       * Texts of train with more tokens than dataset.max_length, which are cut off: a warning from this on (share of the train split). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Tokens of train that the model's vocabulary has no entry for.
     */
    unknown_tokens: {
      /**
       * Tokens of train that the model's vocabulary has no entry for: a warning from this on (share of all tokens). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
    /**
     * Difference from the data of the version in Production: of labels, of text lengths, of characters.
     */
    drift: {
      /**
       * Difference from the data of the version in Production: of labels, of text lengths, of characters: a warning from this on (population stability index; under 0.1 is usually called none, over 0.25 much). Empty: never.
       */
      warning: number | null;
      /**
       * The same: an error from this on, which stops the run. Empty: never.
       */
      error: number | null;
    };
  };
  /**
   * The pretrained BERT, ELECTRA or RoBERTa to start from, and the name its fine-tuned versions are registered under.
   */
  model: {
    /**
     * `kcbert-base`, `kcbert-large`, `kcelectra`, `koelectra`, `klue-bert`, `klue-roberta` or `mbert`; the id of any BERT, ELECTRA (discriminator) or RoBERTa on the Hugging Face hub, such as `owner/name`; or `scratch` for a small BERT that starts from random weights with a vocabulary of its own.
     */
    name: string;
    /**
     * A local Hugging Face folder (config.json, model.safetensors or pytorch_model.bin, vocab.txt or tokenizer.json) to read instead of downloading.
     */
    path: string | null;
    /**
     * Commit, branch or tag of the model on the hub. Empty: its newest.
     */
    revision: string | null;
    /**
     * How texts are cleaned before they are tokenized, in training and ever after. Empty: as the authors of the preset recommend (`kcbert-v1` for the KcBERTs and KcELECTRA), or as the model's own tokenizer does. `kcbert-v1`: characters that are no ASCII, Hangul or emoji become a space, links go, a letter that stands four times or more in a row stays twice. `none`: texts stay as they are.
     */
    cleaning: 'kcbert-v1' | 'none' | null;
    /**
     * The gate: a model is registered only if its accuracy on the test split reaches this.
     */
    register_threshold: number;
    /**
     * How many encoder layers are trained, counted from the top; the classifier always is. 0 trains the classifier alone, `all` trains everything, embeddings too.
     */
    unfrozen_layers: number | 'all';
    /**
     * Name in the MLflow model registry.
     */
    registered_name: string;
    /**
     * Shape of the BERT when model.name is `scratch`.
     */
    scratch: {
      /**
       * Number of encoder layers.
       */
      num_hidden_layers: number;
      /**
       * Width of the model; a multiple of num_attention_heads.
       */
      hidden_size: number;
      /**
       * Attention heads of each layer.
       */
      num_attention_heads: number;
      /**
       * Width of the feed-forward part of each layer.
       */
      intermediate_size: number;
      /**
       * Most entries that the vocabulary learned from the training texts may have.
       */
      vocab_size: number;
    };
  };
  /**
   * Fine-tuning.
   */
  train: {
    /**
     * Passes over the training texts.
     */
    epochs: number;
    /**
     * Texts a step.
     */
    batch_size: number;
    /**
     * Highest learning rate of AdamW, reached after the warm-up; it then falls linearly to 0.
     */
    learning_rate: number;
    /**
     * AdamW's decoupled weight decay. Biases and LayerNorm are left out.
     */
    weight_decay: number;
    /**
     * Share of all steps over which the learning rate rises from 0.
     */
    warmup_ratio: number;
    /**
     * Gradients are scaled down to this global norm; 0 leaves them as they are.
     */
    max_grad_norm: number;
    /**
     * Dropout probability of hidden states, attention and classifier.
     */
    dropout: number;
    /**
     * Seed of everything random: sampling, the dev split, new weights, batch order, dropout.
     */
    seed: number;
    /**
     * Matrix products in `bf16` (weights stay fp32) or `fp32`. `auto` takes bf16 where the processor has it.
     */
    precision: 'auto' | 'bf16' | 'fp32';
    /**
     * How often in an epoch the model is judged on the dev split; the best one is kept.
     */
    evaluations_per_epoch: number;
    /**
     * Batches whose gradients add up to one step: a larger effective batch in the memory of a small one.
     */
    gradient_accumulation_steps: number;
    /**
     * Computes activations again in the backward pass instead of holding them: slower, for large models in little memory.
     */
    gradient_checkpointing: boolean;
    /**
     * Most disk space (10^9 bytes, in the pipeline's work folder) for the output of frozen layers, which then is computed once and not at every epoch. 0 keeps none.
     */
    frozen_cache_gb: number;
    /**
     * Minutes between the checkpoints that a stopped training goes on from.
     */
    checkpoint_minutes: number;
    /**
     * Processor threads to compute with. Empty: one for each core.
     */
    threads: number | null;
  };
  /**
   * Judging the best checkpoint on the test split.
   */
  eval: {
    /**
     * Texts a step.
     */
    batch_size: number;
  };
  /**
   * The model registry.
   */
  register: {
    /**
     * Stage that a registered version gets when nobody can be asked.
     */
    stage: 'None' | 'Staging' | 'Production';
    /**
     * What a model's comparison with the version in Production has to come to, on the same test texts. The verdict is better, equal (within the noise), worse or not comparable; without a version in Production only model.register_threshold counts.
     */
    gate: {
      /**
       * The verdict that a model needs to be registered at all. `any`: none, model.register_threshold alone decides.
       */
      to_register: 'any' | 'not worse' | 'better';
      /**
       * The verdict that a version needs to go to Production where nobody can be asked; without it, it is registered in Staging. At a terminal it takes a second yes, in a script `--force`.
       */
      to_promote: 'any' | 'not worse' | 'better';
      /**
       * By how much the expected calibration error may be higher without the model being worse.
       */
      max_calibration_increase: number;
      /**
       * By how much the accuracy on any slice (short texts, negation, ...) may be lower without the model being worse. A drop counts only where it is no chance.
       */
      max_slice_drop: number;
      /**
       * How many times as long one text may take without the model being worse. Empty: any time.
       */
      max_slowdown: number | null;
    };
    /**
     * File that shows what the registry holds, written at each registration; relative to the project.
     */
    mirror: string;
  };
  /**
   * The MLflow server.
   */
  tracking: {
    /**
     * Address of the MLflow server. Empty: MLFLOW_TRACKING_URI, else http://127.0.0.1:5050.
     */
    uri: string | null;
    /**
     * Address at which people's browsers reach the MLflow page, for links. Empty: the address above.
     */
    public_uri: string | null;
    /**
     * Experiment that the runs are recorded in.
     */
    experiment: string;
    /**
     * Folder that the MLflow server keeps its artifacts in, also used for downloads and checkpoints; relative to the project.
     */
    volume: string;
  };
  /**
   * Downloads, converted data, models and token ids under the volume; `ml4 cache` lists and removes them.
   */
  cache: {
    /**
     * Size in GB (10^9 bytes) that the cache is kept under: after fetch what was used longest ago goes, but nothing that a running pipeline uses. Empty: no bound.
     */
    max_size_gb: number | null;
  };
  /**
   * The message at the end.
   */
  notify: {
    /**
     * Post the result to Slack. The token is never part of a configuration: set SLACK_WEBHOOK_URL or SLACK_WEBHOOK_TOKEN in the environment.
     */
    slack: boolean;
  };
}
