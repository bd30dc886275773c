import { seededRandom } from '../seeded-random';

const random = seededRandom(20_261_128);
const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const HEX = '0123456789abcdef';
const URL_SAFE = `${ALNUM}-_`;

/** Random characters; of an alphabet with digits, one is at the third place, as in every real token. */
export function word(length: number, alphabet: string = ALNUM): string {
  let text = '';
  for (let at = 0; at < length; at++) {
    text += at === 2 && length > 8 ? '7' : alphabet[Math.floor(random() * alphabet.length)];
  }
  return text;
}

export function pick<T>(items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

export function integer(below: number): number {
  return Math.floor(random() * below);
}

const hex = (length: number): string => word(length, HEX);
const digits = (length: number): string => word(length, '0123456789');
const upper = (length: number): string => word(length, UPPER);
const safe = (length: number): string => word(length, URL_SAFE);
const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
const jwt = (): string => `eyJ${word(30)}.eyJ${word(60)}.${safe(43)}`;

/** Vendor → a token of its format. Made up; the shapes are those of the vendors' documentation. */
export const tokens: Readonly<Record<string, () => string>> = {
  openai: () => `sk-${word(48)}`,
  'openai project': () => `sk-proj-${word(24)}-${word(30)}_${word(20)}`,
  'openai service account': () => `sk-svcacct-${safe(60)}`,
  anthropic: () => `sk-ant-api03-${word(40)}-${word(8)}AA`,
  'anthropic admin': () => `sk-ant-admin01-${word(60)}`,
  openrouter: () => `sk-or-v1-${hex(64)}`,
  'langfuse secret': () => `sk-lf-${uuid()}`,
  'langsmith personal': () => `lsv2_pt_${hex(32)}_${hex(10)}`,
  'langsmith service': () => `lsv2_sk_${hex(32)}_${hex(10)}`,
  groq: () => `gsk_${word(52)}`,
  'hugging face': () => `hf_${word(34)}`,
  replicate: () => `r8_${word(37)}`,
  perplexity: () => `pplx-${word(48)}`,
  xai: () => `xai-${word(80)}`,
  together: () => `tgp_v1_${safe(43)}`,
  fireworks: () => `fw_${word(24)}`,
  nvidia: () => `nvapi-${safe(64)}`,
  cerebras: () => `csk-${word(48, LOWER)}`,
  voyage: () => `pa-${safe(43)}`,
  jina: () => `jina_${hex(32)}${safe(28)}`,
  tavily: () => `tvly-dev-${word(32)}`,
  firecrawl: () => `fc-${hex(32)}`,
  e2b: () => `e2b_${hex(40)}`,
  pinecone: () => `pcsk_${word(6)}_${word(62)}`,
  elevenlabs: () => `sk_${hex(48)}`,
  'github classic': () => `${pick(['ghp', 'gho', 'ghu', 'ghs', 'ghr'])}_${word(36)}`,
  'github fine-grained': () => `github_pat_${word(22)}_${word(59)}`,
  gitlab: () => `glpat-${safe(20)}`,
  'gitlab deploy': () => `gldt-${safe(20)}`,
  'gitlab runner': () => `glrt-${safe(20)}`,
  bitbucket: () => `ATBB${word(32)}`,
  atlassian: () => `ATATT3${safe(180)}`,
  npm: () => `npm_${word(36)}`,
  pypi: () => `pypi-AgEIcHlwaS5vcmc${safe(80)}`,
  rubygems: () => `rubygems_${hex(48)}`,
  docker: () => `dckr_pat_${safe(27)}`,
  sonarqube: () => `squ_${hex(40)}`,
  slack: () => `${pick(['xoxb', 'xoxp'])}-${digits(11)}-${digits(12)}-${word(24)}`,
  'slack app': () => `xapp-1-A${upper(10)}-${digits(13)}-${hex(64)}`,
  'slack webhook': () => `https://hooks.slack.com/services/T${upper(8)}/B${upper(10)}/${word(24)}`,
  'discord bot': () => `M${word(23)}.${safe(6)}.${safe(38)}`,
  'discord webhook': () => `https://discord.com/api/webhooks/${digits(18)}/${safe(68)}`,
  telegram: () => `${digits(10)}:AA${safe(33)}`,
  twilio: () => `SK${hex(32)}`,
  sendgrid: () => `SG.${safe(22)}.${safe(43)}`,
  mailgun: () => `key-${hex(32)}`,
  mailchimp: () => `${hex(32)}-us${digits(2)}`,
  brevo: () => `xkeysib-${hex(64)}-${word(16)}`,
  resend: () => `re_${word(8)}_${word(24)}`,
  'aws access key': () => `${pick(['AKIA', 'ASIA'])}${word(16, UPPER)}`,
  'aws bedrock': () => `ABSK${word(120)}=`,
  'google api key': () => `AIza${safe(35)}`,
  'google oauth': () => `ya29.${safe(60)}`,
  'google client secret': () => `GOCSPX-${safe(28)}`,
  'google refresh token': () => `1//0${safe(60)}`,
  'azure client secret': () => `${word(3)}8Q~${safe(34)}`,
  'azure storage': () =>
    `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${word(86)}==;EndpointSuffix=core.windows.net`,
  'azure shared access signature': () =>
    `https://x.blob.core.windows.net/c?sv=2024-01-01&sig=${word(43)}%3D&se=2027`,
  alibaba: () => `LTAI${word(20)}`,
  digitalocean: () => `dop_v1_${hex(64)}`,
  heroku: () => `HRKU-${safe(58)}`,
  'fly.io': () => `fm2_${word(120)}`,
  netlify: () => `nfp_${word(36)}`,
  vercel: () => `vcp_${word(56)}`,
  supabase: () => `sbp_${hex(40)}`,
  'supabase secret': () => `sb_secret_${safe(31)}`,
  planetscale: () => `pscale_tkn_${safe(43)}`,
  databricks: () => `dapi${hex(32)}`,
  openshift: () => `sha256~${safe(43)}`,
  terraform: () => `${word(14)}.atlasv1.${safe(67)}`,
  vault: () => `hvs.${safe(90)}`,
  doppler: () => `dp.pt.${word(43)}`,
  '1password': () => `ops_eyJ${word(200)}`,
  age: () => `AGE-SECRET-KEY-1${upper(58)}`,
  pulumi: () => `pul-${hex(40)}`,
  stripe: () => `sk_live_${word(24)}`,
  'stripe restricted': () => `rk_test_${word(24)}`,
  'stripe webhook': () => `whsec_${word(32)}`,
  square: () => `sq0atp-${safe(22)}`,
  paypal: () => `access_token$production$${LOWER.slice(0, 16)}$${hex(32)}`,
  plaid: () => `access-sandbox-${uuid()}`,
  shopify: () => `shpat_${hex(32)}`,
  easypost: () => `EZAK${word(54)}`,
  grafana: () => `glsa_${word(32)}_${hex(8)}`,
  'new relic': () => `NRAK-${upper(27)}`,
  sentry: () => `sntrys_${word(120)}`,
  dynatrace: () => `dt0c01.${upper(24)}.${upper(64)}`,
  posthog: () => `phx_${word(43)}`,
  linear: () => `lin_api_${word(40)}`,
  notion: () => `ntn_${word(46)}`,
  figma: () => `figd_${safe(40)}`,
  airtable: () => `pat${word(14)}.${hex(64)}`,
  postman: () => `PMAK-${hex(24)}-${hex(34)}`,
  dropbox: () => `sl.u.${safe(140)}`,
  'json web token': jwt,
  'http bearer': () => `Authorization: Bearer ${word(20)}.${digits(3)}${word(20)}`,
  'http basic': () => `Basic ${word(30)}==`,
  'private key': () =>
    `-----BEGIN ${pick(['RSA ', 'EC ', 'OPENSSH ', ''])}PRIVATE KEY-----\n${word(64)}\n${word(64)}\n-----END PRIVATE KEY-----`,
  'pgp private key': () =>
    `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${word(64)}\n${word(64)}\n-----END PGP PRIVATE KEY BLOCK-----`,
  'password in a URL': () =>
    `${pick(['postgres', 'redis', 'https', 'amqp'])}://app:${word(12)}@db:5432/x`,
  'connection string': () => `Server=db;User Id=app;Password=${word(14)};Encrypt=true`,
  environment: () => `OPENAI_API_KEY=${word(32)} node app.js`,
  'command line': () => `curl --api-key=${word(24)} https://example.com`,
  header: () => `Ocp-Apim-Subscription-Key: ${hex(32)}`,
  'member of JSON': () => `{"user":"anna","client_secret":"${word(20)}"}`,
  'member of JSON in JSON': () => JSON.stringify({ body: JSON.stringify({ password: word(12) }) }),
  'member of a Python dict': () => `{'user': 'anna', 'api_key': '${word(20)}'}`,
};

/** The part of a sample that must not be found again: its longest run of token characters. */
export function secretPart(sample: string): string {
  const runs = sample.replaceAll('\\n', ' ').match(/[A-Za-z0-9_~-]{8,}/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}

/** Names whose values are secrets, in the spellings of headers, environments and settings. */
export const secretKeys: readonly string[] = [
  'authorization',
  'Authorization',
  'http.request.header.authorization',
  'proxy-authorization',
  'auth',
  'basic_auth',
  'api_key',
  'apiKey',
  'apikey',
  'X-Api-Key',
  'x-goog-api-key',
  'OPENAI_API_KEY',
  'api_token',
  'apitoken',
  'api_secret',
  'Ocp-Apim-Subscription-Key',
  'x-functions-key',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'x-amz-security-token',
  'AccountKey',
  'storage_key',
  'SharedAccessKey',
  'sas_token',
  'secret',
  'secretkey',
  'secret_key',
  'SECRET_KEY_BASE',
  'client_secret',
  'clientSecret',
  'consumer_key',
  'consumer_secret',
  'private_key',
  'privateKey',
  'privatekey',
  'ssh_key',
  'signing_key',
  'encryption_key',
  'encryptionKey',
  'master_key',
  'hmac_key',
  'license_key',
  'jwt',
  'jwt_secret',
  'id_token',
  'access_token',
  'accessToken',
  'refreshToken',
  'bearer',
  'bearer_token',
  'token',
  'auth_token',
  'authtoken',
  'x-auth-token',
  'x-vault-token',
  'x-csrf-token',
  'session_token',
  'personal_access_token',
  'password',
  'db.password',
  'PGPASSWORD',
  'passwd',
  'pwd',
  'db_pass',
  'passphrase',
  'passcode',
  'cookie',
  'set-cookie',
  'http.response.header.set-cookie',
  'PHPSESSID',
  'credentials',
  'aws.credentials',
  'connection_string',
  'connectionString',
  'dsn',
  'SENTRY_DSN',
  'webhook_url',
  'slack_webhook_url',
  'x-hub-signature',
  'code_verifier',
  'client_assertion',
  'otp',
  'recovery_codes',
  'seed_phrase',
  'kubeconfig',
];
