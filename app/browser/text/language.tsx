import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { en } from './en.js';
import { ko } from './ko.js';

/** What the page says. English is the source of the form. */
export type Text = typeof en;

const TEXTS = { ko, en };
export type Language = keyof typeof TEXTS;

interface Spoken {
  language: Language;
  setLanguage(language: Language): void;
  text: Text;
}

const Context = createContext<Spoken | null>(null);
const KEY = 'ml4-language';

/** Chosen before, else the browser's. */
function firstLanguage(): Language {
  const chosen = localStorage.getItem(KEY);
  if (chosen === 'ko' || chosen === 'en') return chosen;
  return navigator.language.startsWith('ko') ? 'ko' : 'en';
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, set] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const setLanguage = (chosen: Language) => {
    localStorage.setItem(KEY, chosen);
    set(chosen);
  };
  return <Context value={{ language, setLanguage, text: TEXTS[language] }}>{children}</Context>;
}

function useSpoken(): Spoken {
  const spoken = useContext(Context);
  if (spoken === null) throw new Error('LanguageProvider is missing');
  return spoken;
}

export const useLanguage = useSpoken;

/** What the page says in the chosen language. */
export function useText(): Text {
  return useSpoken().text;
}

/** Formats of numbers and times in the chosen language. */
export function useFormat() {
  const { language } = useSpoken();
  return {
    percent: (share: number, digits = 1) =>
      new Intl.NumberFormat(language, {
        style: 'percent',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(share),
    number: (value: number, digits = 0) =>
      new Intl.NumberFormat(language, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(value),
    points: (value: number) =>
      new Intl.NumberFormat(language, {
        minimumFractionDigits: 2,
        maximumFractionDigits: 2,
        signDisplay: 'exceptZero',
      }).format(value),
    time: (time: string | number) =>
      new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
        new Date(time),
      ),
  };
}
