import type { Service } from '../service.ts';
import { toRequestParameters, toResponseElements } from './cloudtrail.ts';
import { operations } from './operations/index.ts';
import { toErrorXml, toResponseXml } from './xml.ts';

/** Amazon ElastiCache, as far as it says who may reach a cache, over the AWS Query protocol. */
export const elastiCache: Service = {
  name: 'elasticache',
  apiVersion: '2015-02-02',
  operations,
  inItsWords: (error) => error,
  toResponseXml,
  toErrorXml,
  toRequestParameters,
  toResponseElements,
  toRecordedCode: ({ code }) => code,
};
