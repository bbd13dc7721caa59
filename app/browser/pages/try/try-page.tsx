import { Group, Select, Stack, Tabs, Title } from '@mantine/core';
import { useState } from 'react';
import { useServed, useVersions } from '../../served.js';
import { useText } from '../../text/language.js';
import { DifferencesTab } from './differences-tab.js';
import { FileTab } from './file-tab.js';
import { TextTab } from './text-tab.js';

/** Try the model: on a text, on a file, and where it differs from a challenger. */
export function TryPage() {
  const text = useText();
  const served = useServed().data?.model?.version;
  const versions = useVersions().data?.versions ?? [];
  const [wanted, setWanted] = useState<string | null>();
  const others = versions.filter(({ version }) => version !== served);
  // The challenger is what stands in Staging, until another is chosen.
  const usual = others.find(({ stage }) => stage === 'Staging')?.version ?? null;
  const challenger = (wanted === undefined ? usual : wanted) ?? undefined;
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <Title order={1} size="h2">
          {text.try.heading}
        </Title>
        <Select
          label={text.try.choose}
          placeholder={others.length === 0 ? text.try.nothing : text.none}
          data={others.map(({ version, stage }) => ({
            value: version,
            label: `${text.version(version)} · ${text.stages[stage]}`,
          }))}
          value={challenger ?? null}
          onChange={setWanted}
          disabled={others.length === 0}
          clearable
          clearButtonProps={{ 'aria-label': text.none }}
        />
      </Group>
      <Tabs defaultValue="text" keepMounted={false}>
        <Tabs.List mb="md">
          {(['text', 'file', 'differences'] as const).map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {text.try.tabs[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="text">
          <TextTab challenger={challenger} />
        </Tabs.Panel>
        <Tabs.Panel value="file">
          <FileTab />
        </Tabs.Panel>
        <Tabs.Panel value="differences">
          <DifferencesTab champion={served} challenger={challenger} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
