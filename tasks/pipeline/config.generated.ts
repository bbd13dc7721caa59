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
     * Where the texts come from: `nsmc` (Naver movie reviews), `quickstart` (reviews generated on this machine, no download), or the id of a data set on the Hugging Face hub, such as `owner/name`.
     */
    name: string;
    /**
     * A local file (TSV, CSV, JSONL, parquet) or folder to read instead of downloading. For NSMC: the folder with ratings_train.txt and ratings_test.txt.
     */
    path: string | null;
    /**
     * Commit, branch or tag of the data set on the hub. Empty: its newest.
     */
    revision: string | null;
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
   * The pretrained BERT to start from, and the name its fine-tuned versions are registered under.
   */
  model: {
    /**
     * `kcbert-base`, `kcbert-large`, the id of any BERT on the Hugging Face hub, such as `owner/name`, or `scratch` for a small BERT that starts from random weights with a vocabulary of its own.
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
     * File that shows what the registry holds, rewritten at each registration; relative to the project.
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
   * The message at the end.
   */
  notify: {
    /**
     * Post the result to Slack. The token is never part of a configuration: set SLACK_WEBHOOK_URL or SLACK_WEBHOOK_TOKEN in the environment.
     */
    slack: boolean;
  };
}
