import { queryFormat, xmlAnswer } from '../query-protocol.ts';
import type { Service } from '../service.ts';
import { toRequestParameters, toResponseElements } from './cloudtrail.ts';
import { operations } from './operations/index.ts';
import { toErrorXml, toResponseXml } from './xml.ts';

const API_VERSION = '2015-02-02';

/** Amazon ElastiCache, as far as it says who may reach a cache, over the AWS Query protocol. */
export const elastiCache: Service = {
  name: 'elasticache',
  apiVersion: API_VERSION,
  operations,
  ...queryFormat(API_VERSION, operations),
  inItsWords: (error) => error,
  toAnswer: (...answer) => xmlAnswer(toResponseXml(...answer)),
  toErrorAnswer: (...answer) => xmlAnswer(toErrorXml(...answer)),
  toRequestParameters,
  toResponseElements,
  toRecordedCode: ({ code }) => code,
};
