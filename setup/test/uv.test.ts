import { describe, expect, it } from 'vitest';
import { asUvSettings } from '../parts/uv.js';

describe('asUvSettings', () => {
  it('passes the package indexes that pip is configured for on to uv', () => {
    const pipConfig = [
      "global.index-url='https://mirror.example/simple'",
      "global.extra-index-url='https://a.example/simple https://b.example/simple'",
      "global.trusted-host='mirror.example'",
      ":env:.find-links='/srv/wheels'",
      "install.cert='/etc/company.pem'",
      "global.timeout='60'",
    ].join('\n');
    expect(asUvSettings(pipConfig)).toEqual({
      UV_DEFAULT_INDEX: 'https://mirror.example/simple',
      UV_INDEX: 'https://a.example/simple https://b.example/simple',
      UV_INSECURE_HOST: 'mirror.example',
      UV_FIND_LINKS: '/srv/wheels',
      SSL_CERT_FILE: '/etc/company.pem',
      UV_INDEX_STRATEGY: 'unsafe-best-match',
    });
  });
});
