import '@mantine/core/styles.css';
import './page.css';
import { type CSSVariablesResolver, createTheme, MantineProvider } from '@mantine/core';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api.js';
import { Page } from './page.js';
import { LanguageProvider } from './text/language.js';

const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 9 },
  autoContrast: true,
  respectReducedMotion: true,
  fontFamily:
    "Pretendard, -apple-system, 'Segoe UI', 'Apple SD Gothic Neo', 'Noto Sans KR', 'Malgun Gothic', NanumGothic, sans-serif",
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
});

/** Where the library's own colors are not read easily enough (WCAG AA). */
const readable: CSSVariablesResolver = ({ colors }) => ({
  variables: { '--mantine-primary-color-filled-hover': '#0a6577' },
  light: { '--mantine-color-dimmed': colors.gray[7] },
  dark: { '--mantine-color-dimmed': colors.gray[5] },
});

// A session that has ended shows the sign-in form, whatever was asked for.
const onError = (error: Error) => {
  if (error instanceof ApiError && error.code === 'sign_in') {
    void queries.invalidateQueries({ queryKey: ['session'] });
  }
};
const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: true } },
});

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={readable}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <LanguageProvider>
        <QueryClientProvider client={queries}>
          <Page />
        </QueryClientProvider>
      </LanguageProvider>
    </MantineProvider>
  </StrictMode>,
);
