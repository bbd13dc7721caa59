import { Text, Timeline } from '@mantine/core';
import type { StageName } from '../../stage-badge.js';
import { useFormat, useText } from '../../text/language.js';
import type { ShownVersion } from './version-details.js';

/** Who moved the version when, and why; the newest first. */
export function History({ changes }: { changes: ShownVersion['history'] }) {
  const text = useText();
  const { time } = useFormat();
  if (changes.length === 0) return <Text c="dimmed">{text.models.noHistory}</Text>;
  const name = (stage: StageName | 'deleted') =>
    stage === 'deleted' ? text.models.deleted : text.stages[stage];
  return (
    <Timeline bulletSize={14} lineWidth={2}>
      {changes.toReversed().map(({ at, version, from, to, by, why }) => (
        <Timeline.Item
          key={`${at} ${version} ${to}`}
          title={text.models.change(version, name(from), name(to))}
        >
          {why && <Text size="sm">{why}</Text>}
          <Text size="sm" c="dimmed">
            {time(at)} · {text.models.by(by)}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
