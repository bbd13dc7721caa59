const SECRET_VARIABLES = [
  'SLACK_WEBHOOK_URL',
  'SLACK_WEBHOOK_TOKEN',
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
  'HF_TOKEN',
  'HUGGING_FACE_HUB_TOKEN',
];

const MASK = '***';

/**
 * The text without secrets: the values of the variables above in every form that a library may
 * print them in, tokens of Slack's webhooks and of the Hugging Face hub, and passwords in addresses.
 */
export function redact(
  text: string,
  env: Record<string, string | undefined> = process.env,
): string {
  let clean = text;
  for (const name of SECRET_VARIABLES) {
    for (const form of forms(env[name])) clean = clean.replaceAll(form, MASK);
  }
  return clean
    .replace(/\bhf_(?:(?:oauth|jwt)_[\w.-]+|[A-Za-z0-9]{20,})/g, MASK) // may be of a file
    .replace(/\bT[A-Z0-9]{2,}\/B[A-Z0-9]{2,}\/\w{8,}/g, MASK)
    .replace(/(\w:\/\/)[^/\s@"']+@/g, `$1${MASK}@`);
}

/** As it is, as JSON and an address write it, and the path of a secret address; longest first. */
function forms(secret: string | undefined): string[] {
  if (!secret || secret.length < 4) return [];
  const path = URL.canParse(secret) ? new URL(secret).pathname.slice(1) : '';
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), path]
    .filter((form) => form.length >= 4)
    .sort((a, b) => b.length - a.length);
}
