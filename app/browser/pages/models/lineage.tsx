import { Anchor, Code, Group, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormat, useText } from '../../text/language.js';
import type { ShownVersion } from './version-details.js';

/** What a version was made of, by whom, and when. */
export function Lineage({ details }: { details: ShownVersion }) {
  const text = useText();
  const { number, time } = useFormat();
  const { fields } = text.models;
  const { data, pretrained, run, training, modelId, links } = details;
  const rows: [string, ReactNode][] = [];
  if (data) {
    const { train, dev, test } = data.rows;
    rows.push([fields.dataset, <Source key="d" {...data} />]);
    rows.push([fields.rows, [train, dev, test].map((count) => number(count)).join(', ')]);
  }
  if (pretrained) rows.push([fields.pretrained, <Source key="p" {...pretrained} />]);
  if (training) {
    const { epoch, step } = training.best;
    rows.push([fields.best, text.models.step(String(epoch), String(step))]);
  }
  if (run) {
    const started = run.startTime === null ? '' : ` · ${time(run.startTime)}`;
    rows.push([fields.run, `${run.name}${started}`]);
    if (run.user) rows.push([fields.by, run.user]);
    if (run.commit) rows.push([fields.commit, <Code key="c">{run.commit.slice(0, 10)}</Code>]);
  }
  if (modelId) rows.push([fields.model, <Code key="m">{modelId}</Code>]);
  return (
    <>
      <Table aria-label={text.models.data}>
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group>
        <Anchor href={links.model} target="_blank" rel="noreferrer" underline="always">
          {text.models.inMlflow}
        </Anchor>
      </Group>
    </>
  );
}

function Source(props: { name: string; revision: string; sha256: string }) {
  return (
    <>
      {props.name} <Code title={props.sha256}>{props.sha256.slice(0, 10)}</Code>
    </>
  );
}
