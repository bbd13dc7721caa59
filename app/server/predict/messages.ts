/** What the server and the process of a model say to each other. */
export interface LoadModel {
  folder: string;
  precision: 'auto' | 'bf16' | 'fp32';
  threads: number | null;
}

export type ToModel = { load: LoadModel } | { id: number; texts: string[] };

export type FromModel =
  | { labels: string[] }
  | { id: number; probabilities: number[][] }
  /** Without id: the model could not be loaded. */
  | { id?: number; error: { name: string; message: string } };
