import type { Clock } from './clock.ts';
import { Stacks } from './cloudformation/stacks.ts';
import { Alarms } from './cloudwatch/alarms.ts';
import { Metrics } from './cloudwatch/metrics.ts';
import { ManagedResourceVisibility } from './ec2/managed-resource-visibility.ts';
import { NetworkInterfaces } from './ec2/network-interfaces.ts';
import { PrefixLists } from './ec2/prefix-lists.ts';
import { resourceIds } from './ec2/resource-ids.ts';
import { SecurityGroupRules } from './ec2/security-group-rules.ts';
import { SecurityGroups } from './ec2/security-groups.ts';
import { Tags } from './ec2/tags.ts';
import { VpcEndpoints } from './ec2/vpc-endpoints.ts';
import { CacheSecurityGroups } from './elasticache/cache-security-groups.ts';
import { Caches } from './elasticache/caches.ts';
import { EventBuses } from './events/event-buses.ts';
import { Functions } from './lambda/functions.ts';
import { LogGroups } from './logs/log-groups.ts';
import { SecurityHub } from './securityhub/hub.ts';
import { Topics } from './sns/topics.ts';
import { Queues } from './sqs/queues.ts';

/** How an account that the local AWS plays is set up. */
export interface AccountSettings {
  /** 12 digits. */
  readonly accountId: string;
  /** Answers as an account without EC2-Classic does. */
  readonly vpcOnly?: boolean;
  /** How long a grant stays `authorizing`, and `revoking`, and a prefix list `…-in-progress`, in milliseconds. */
  readonly transitionMs: number;
  /** How long a cache stays `creating`, `modifying` and `deleting`, in milliseconds; three minutes if not given. */
  readonly creatingMs?: number;
  /** How many cache security groups there can be in a region besides `default`. 50, as on AWS, if not given. */
  readonly quota?: number;
  /** How many rules a VPC security group can have, for each version of IP. 60, as on AWS, if not given. */
  readonly rulesPerSecurityGroup?: number;
  /** For how many milliseconds EC2's Describe does not show a new rule, nor what a changed one says now. 0 if not given. */
  readonly describeLagMs?: number;
}

/** All that the account has in one region. */
export interface Region {
  /** For example `us-east-1`. */
  readonly name: string;
  /** 12 digits. */
  readonly accountId: string;
  readonly cacheSecurityGroups: CacheSecurityGroups;
  readonly caches: Caches;
  readonly securityGroups: SecurityGroups;
  readonly securityGroupRules: SecurityGroupRules;
  readonly prefixLists: PrefixLists;
  readonly networkInterfaces: NetworkInterfaces;
  readonly vpcEndpoints: VpcEndpoints;
  readonly managedResources: ManagedResourceVisibility;
  readonly eventBuses: EventBuses;
  readonly queues: Queues;
  readonly stacks: Stacks;
  readonly functions: Functions;
  readonly alarms: Alarms;
  readonly logGroups: LogGroups;
  readonly metrics: Metrics;
  readonly topics: Topics;
  readonly securityHub: SecurityHub;
  readonly tags: Tags;
}

/** A region as a new account finds it. */
export function openRegion(name: string, settings: AccountSettings, clock: Clock): Region {
  const { accountId, transitionMs, quota = 50, creatingMs = 180_000 } = settings;
  const { rulesPerSecurityGroup = 60, describeLagMs = 0 } = settings;
  const newId = resourceIds(accountId, name);
  const prefixLists = new PrefixLists({ accountId, region: name, transitionMs }, clock, newId);
  const weightOf = (prefixListId: string) => prefixLists.weightOf(prefixListId);
  const ruleSettings = { quota: rulesPerSecurityGroup, describeLagMs, weightOf };
  const securityGroupRules = new SecurityGroupRules(ruleSettings, clock, newId);
  const securityGroups = new SecurityGroups(accountId, securityGroupRules, newId);
  const networkInterfaces = new NetworkInterfaces(securityGroups, newId, clock);
  const vpcEndpoints = new VpcEndpoints(networkInterfaces, newId, clock);
  const networks = { networkInterfaces, securityGroups, vpcEndpoints };
  return {
    name,
    accountId,
    cacheSecurityGroups: new CacheSecurityGroups({ region: name, accountId, transitionMs, quota }, clock),
    securityGroups,
    securityGroupRules,
    prefixLists,
    networkInterfaces,
    vpcEndpoints,
    managedResources: new ManagedResourceVisibility(),
    eventBuses: new EventBuses(accountId, name),
    queues: new Queues(accountId, name, clock),
    stacks: new Stacks(accountId, name, clock),
    functions: new Functions(),
    alarms: new Alarms(clock),
    logGroups: new LogGroups(clock),
    metrics: new Metrics(clock),
    topics: new Topics(accountId, name),
    securityHub: new SecurityHub(accountId, name, clock),
    tags: new Tags(),
    caches: new Caches({ region: name, accountId, creatingMs }, networks, newId, clock),
  };
}
