import { userInfo } from 'node:os';

/** Who works here, for the history: ML4_USER, else the account's name, else its number. */
export function currentUser(): string {
  if (process.env.ML4_USER) return process.env.ML4_USER;
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`; // a container may run as a number without a name
  }
}
