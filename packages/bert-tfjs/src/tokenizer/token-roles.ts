import { isJsonObject, type JsonObject } from '../checkpoint/json-file.js';
import { CheckpointError } from '../errors.js';

/** Which of the special tokens stands for what, by transformers' names: `pad_token`, … */
export type TokenRoles = Readonly<Record<string, string>>;

const ROLES = ['pad_token', 'unk_token', 'cls_token', 'sep_token', 'mask_token'];

/** What a role's token is called where no file says it. */
const USUAL_NAMES = {
  pad_token: ['[PAD]', '<pad>'],
  unk_token: ['[UNK]', '<unk>'],
  mask_token: ['[MASK]', '<mask>'],
};

/** The roles as `tokenizer_config.json` and `special_tokens_map.json` both write them. */
export function readRoles(json: JsonObject): TokenRoles {
  const tokens = ROLES.map((role) => {
    const token = json[role];
    return [role, isJsonObject(token) ? token.content : token];
  });
  return Object.fromEntries(tokens.filter(([, token]) => typeof token === 'string'));
}

/**
 * The roles that a tokenizer's tokens have.
 *
 * @param ids Of all its tokens.
 * @param named What the files say.
 * @param around The ids of an empty text: what the tokenizer puts around each.
 * @throws CheckpointError when a token that a classifier needs is missing.
 */
export function findRoles(
  ids: ReadonlyMap<string, number>,
  named: TokenRoles,
  around: readonly number[],
  where: string,
): TokenRoles & { pad_token: string; cls_token: string; sep_token: string } {
  const tokens = new Map([...ids].map(([token, id]) => [id, token]));
  const [cls, sep] = around.map((id) => tokens.get(id));
  if (around.length !== 2 || cls === undefined || sep === undefined) {
    throw new CheckpointError(
      where,
      'its post_processor does not put one token before a text and one after it',
      'Choose a tokenizer of a model that classifies texts, such as [CLS] … [SEP].',
    );
  }
  const find = (role: keyof typeof USUAL_NAMES) =>
    [named[role] ?? '', ...USUAL_NAMES[role]].find((token) => ids.has(token));
  const [pad, unk, mask] = [find('pad_token'), find('unk_token'), find('mask_token')];
  if (pad === undefined) {
    throw new CheckpointError(
      where,
      'it has no token for padding',
      'Name one as pad_token in tokenizer_config.json.',
    );
  }
  return {
    pad_token: pad,
    ...(unk === undefined ? {} : { unk_token: unk }),
    cls_token: cls,
    sep_token: sep,
    ...(mask === undefined ? {} : { mask_token: mask }),
  };
}
