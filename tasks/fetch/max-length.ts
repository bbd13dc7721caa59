import { type BertConfig, maxTokens } from 'bert-tfjs';
import { InputError } from '../pipeline/errors.js';

/** @throws InputError when the model does not read as many tokens as `dataset.max_length` */
export function checkMaxLength(model: BertConfig, maxLength: number): void {
  const longest = maxTokens(model);
  if (maxLength <= longest) return;
  throw new InputError(
    `dataset.max_length is ${maxLength}, but the model reads ${longest} tokens at most.`,
    { fix: `Set dataset.max_length to ${longest} or less.` },
  );
}
