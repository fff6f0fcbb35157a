import type { Clock } from '../clock.ts';
import type { NewId } from '../ec2/resource-ids.ts';
import type { VpcEndpoints } from '../ec2/vpc-endpoints.ts';
import { type Endpoint, serverlessEndpointAt } from './addresses.ts';
import { type Engine, PRINCIPAL } from './cache-clusters.ts';
import type { CacheSettings } from './cache-settings.ts';
import { type CacheStatus, type Life, Lives } from './life.ts';

/** What a serverless cache is made of. */
export interface ServerlessCachePlan {
  readonly name: string;
  readonly description: string;
  readonly engine: Engine;
  readonly majorEngineVersion: string;
  readonly connection: Connection;
}

/** How clients reach a serverless cache: by a VPC endpoint, or over the internet, where no security group guards it. */
export type Connection =
  | {
      readonly type: 'vpc';
      readonly vpcId: string;
      /** Those that a call named. If there are none, the VPC's default one guards the cache, and the API lists none. */
      readonly securityGroupIds: readonly string[];
      readonly subnetIds: readonly string[];
    }
  | { readonly type: 'public' };

interface ServerlessCache extends ServerlessCachePlan {
  readonly life: Life;
  readonly created: string;
  /** None if clients reach it over the internet. */
  readonly vpcEndpointId: string | undefined;
}

/** A serverless cache as the API shows it. */
export interface ShownServerlessCache {
  readonly ServerlessCacheName: string;
  readonly Description: string;
  readonly CreateTime: string;
  readonly Status: CacheStatus;
  readonly Engine: Engine;
  readonly MajorEngineVersion: string;
  readonly SecurityGroupIds: readonly string[] | undefined;
  readonly Endpoint: Endpoint | undefined;
  readonly ReaderEndpoint: Endpoint | undefined;
  readonly ARN: string;
  readonly SubnetIds: readonly string[] | undefined;
  readonly ConnectionType: Connection['type'];
}

/** The ports for writing and for reading. No one can choose them. That of Memcached's reader is inferred. */
const PORTS = { redis: [6379, 6380], valkey: [6379, 6380], memcached: [11211, 11212] } as const;

/** The serverless caches of one account in one region. */
export class ServerlessCaches {
  readonly #settings: CacheSettings;
  readonly #endpoints: VpcEndpoints;
  /** What the VPC endpoints of all of them lead to. */
  readonly #serviceName: string;
  readonly #clock: Clock;
  readonly #caches: Lives<ServerlessCache>;

  constructor(settings: CacheSettings, vpcEndpoints: VpcEndpoints, newId: NewId, clock: Clock) {
    this.#settings = settings;
    this.#endpoints = vpcEndpoints;
    // The form is seen in public reports and code.
    this.#serviceName = `com.amazonaws.elasticache.serverless.${settings.region}.${newId('vpce-svc')}`;
    this.#clock = clock;
    const kind = {
      title: 'Serverless cache',
      alreadyExists: 'ServerlessCacheAlreadyExistsFault',
      notFound: 'ServerlessCacheNotFoundFault',
      invalidState: 'InvalidServerlessCacheStateFault',
    };
    this.#caches = new Lives(kind, settings.creatingMs, clock);
  }

  /** @throws {ApiError} ServerlessCacheAlreadyExistsFault. */
  create(plan: ServerlessCachePlan): ShownServerlessCache {
    this.#caches.mustBeFree(plan.name);
    const vpcEndpointId = this.#connect(undefined, plan.connection);
    const created = new Date(this.#clock.now()).toISOString();
    return this.#answer({ ...plan, vpcEndpointId, created, life: this.#caches.begin('creating') });
  }

  /** @throws {ApiError} ServerlessCacheNotFoundFault, InvalidServerlessCacheStateFault. */
  modify(name: string, change: Pick<ServerlessCachePlan, 'description' | 'connection'>): ShownServerlessCache {
    const cache = this.#caches.getAvailable(name);
    const changed = { ...cache, ...change };
    const vpcEndpointId = this.#connect(cache.vpcEndpointId, changed.connection);
    return this.#answer({ ...changed, vpcEndpointId, life: this.#caches.begin('modifying') });
  }

  /** Its VPC endpoint is gone at once. @throws {ApiError} as `modify`. */
  delete(name: string): ShownServerlessCache {
    const cache = this.#caches.getAvailable(name);
    if (cache.vpcEndpointId !== undefined) this.#endpoints.remove(cache.vpcEndpointId);
    return this.#answer({ ...cache, life: this.#caches.begin('deleting') });
  }

  /** Makes, changes or removes the VPC endpoint of a cache, as its connection says; gives the id of the one that it has. */
  #connect(vpcEndpointId: string | undefined, connection: Connection): string | undefined {
    if (connection.type === 'public') {
      if (vpcEndpointId !== undefined) this.#endpoints.remove(vpcEndpointId);
      return undefined;
    }
    const { securityGroupIds: groupIds, vpcId } = connection;
    if (vpcEndpointId !== undefined) {
      this.#endpoints.setGroups(vpcEndpointId, groupIds);
      return vpcEndpointId;
    }
    const shownFrom = this.#clock.now() + this.#settings.creatingMs;
    const service = { serviceName: this.#serviceName, operator: PRINCIPAL };
    return this.#endpoints.add({ ...service, groupIds, vpcId, shownFrom });
  }

  /** What a cache is made of. @throws {ApiError} ServerlessCacheNotFoundFault. */
  planOf(name: string): ServerlessCachePlan {
    return this.#caches.get(name);
  }

  /** @throws {ApiError} ServerlessCacheNotFoundFault. */
  get(name: string): ShownServerlessCache {
    return this.#show(this.#caches.get(name));
  }

  /** In order of their names. */
  all(): ShownServerlessCache[] {
    return this.#caches.all().map((cache) => this.#show(cache));
  }

  /** Keeps a changed cache. The call that changed it is answered with what is in between, however short that is. */
  #answer(cache: ServerlessCache): ShownServerlessCache {
    return this.#show(this.#caches.put(cache), cache.life.doing);
  }

  #show(cache: ServerlessCache, status = this.#caches.statusOf(cache)): ShownServerlessCache {
    const { accountId, region } = this.#settings;
    const { name, engine, connection } = cache;
    const { securityGroupIds = [], subnetIds } = connection.type === 'vpc' ? connection : {};
    const isThere = status !== 'creating';
    const [endpoint, readerEndpoint] = PORTS[engine].map((port) =>
      isThere ? serverlessEndpointAt(region, name, port, connection.type) : undefined,
    );
    return {
      ServerlessCacheName: name,
      Description: cache.description,
      CreateTime: cache.created,
      Status: status,
      Engine: engine,
      MajorEngineVersion: cache.majorEngineVersion,
      SecurityGroupIds: securityGroupIds.length > 0 ? securityGroupIds : undefined,
      Endpoint: endpoint,
      ReaderEndpoint: readerEndpoint,
      ARN: `arn:aws:elasticache:${region}:${accountId}:serverlesscache:${name}`,
      SubnetIds: subnetIds,
      ConnectionType: connection.type,
    };
  }
}
