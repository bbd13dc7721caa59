import { Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api.js';
import { useText } from '../../text/language.js';

/** A plot that the eval stage left. */
export function Plot({ version, plot }: { version: string; plot: 'roc' | 'reliability' }) {
  const text = useText();
  const [missing, setMissing] = useState(false);
  if (missing) return <Text c="dimmed">{text.models.missing}</Text>;
  const address = api.api.models[':version'].plots[':plot'].$url({ param: { version, plot } });
  return (
    <img
      className="plot"
      src={address.pathname}
      alt={text.models[plot]}
      loading="lazy"
      onError={() => setMissing(true)}
    />
  );
}
