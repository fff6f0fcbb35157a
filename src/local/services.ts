import { absentService } from './absent-service.ts';
import { cloudFormation } from './cloudformation/cloudformation.ts';
import { cloudTrail } from './cloudtrail/cloudtrail.ts';
import { cloudWatch } from './cloudwatch/cloudwatch.ts';
import { ec2 } from './ec2/ec2.ts';
import { elastiCache } from './elasticache/elasticache.ts';
import { eventBridge } from './events/events.ts';
import { iam } from './iam/iam-api.ts';
import { readTarget } from './json-protocol.ts';
import { lambda } from './lambda/lambda-api.ts';
import { logs } from './logs/logs.ts';
import { organizations } from './organizations/organizations.ts';
import type { HttpRequest } from './query-request.ts';
import { s3 } from './s3/s3.ts';
import { securityHub } from './securityhub/security-hub-api.ts';
import type { Service } from './service.ts';
import { claimedScope } from './signature.ts';
import { sns } from './sns/sns.ts';
import { sqs } from './sqs/sqs.ts';
import { sts } from './sts/sts.ts';

const SERVICES: readonly Service[] = [
  elastiCache,
  ec2,
  sts,
  organizations,
  eventBridge,
  sqs,
  cloudFormation,
  s3,
  cloudTrail,
  cloudWatch,
  iam,
  lambda,
  logs,
  sns,
  securityHub,
];

/** A service by what calls to it are signed for; `undefined` if there is none here. */
export function findService(name: string): Service | undefined {
  return SERVICES.find((service) => service.name === name);
}

/** In whose words a request is answered that does not say which service is meant. */
export const UNKNOWN_SERVICE: Service = elastiCache;

/**
 * The service that a request is meant for: the one it is signed for, else the one whose target or API version it names. If neither is
 * here, one that refuses every call, in the name of what it is signed for; without a signature, ElastiCache. Looks at nothing else, and never fails.
 */
export function serviceOf(request: HttpRequest): Service {
  const signedFor = claimedScope(request)?.service;
  const known = SERVICES.find(({ name }) => name === signedFor);
  if (known !== undefined) return known;
  const { service: target } = readTarget(request.headers);
  const version = new URLSearchParams(`${request.query}&${request.body}`).get('Version');
  const meant = target || version;
  const named = meant ? SERVICES.find((one) => (one.target ?? one.apiVersion) === meant) : undefined;
  if (named !== undefined) return named;
  if (signedFor === undefined || !/^[a-z0-9-]{1,64}$/.test(signedFor)) return UNKNOWN_SERVICE;
  const present = SERVICES.map(({ name }) => name);
  return absentService(signedFor, present, request);
}
