import { expect, test } from 'vitest';
import { toEnvelope } from '../../src/local/bus-event.ts';
import { inputOf } from '../../src/local/input-transformer.ts';
import { recordingFunction } from '../support/local-aws/local-aws.ts';

const event = toEnvelope({ account: '111122223333', region: 'us-east-1' }, 0, {
  source: 'aws.states',
  detailType: 'Step Functions Execution Status Change',
  detail: { name: 'a "run"', count: 3 },
});

test('a function gets the event itself if its rule has no transformer', () => {
  expect(inputOf(event, recordingFunction())).toBe(event);
});

test('a function gets what the transformer of its rule takes out of the event', () => {
  const inputTransformer = {
    inputPathsMap: { run: '$.detail.name', count: '$.detail.count', source: '$.source', missing: '$.detail.no.such' },
    inputTemplate: '{"run":"<run>","count":<count>,"from":"<source>","missing":<missing>}',
  };

  const input = inputOf(event, recordingFunction({ inputTransformer }));

  expect(input).toEqual({ run: 'a "run"', count: 3, from: 'aws.states', missing: '' });
});
