import { createHash } from 'node:crypto';
import pMap from 'p-map';
import { type Place, placeKey } from '../policy/place.ts';
import { type AsffFinding, productArnOf, toAsff } from '../report/asff.ts';
import type { AuditReport } from '../report/audit-report.ts';
import { verdictOf } from '../report/verdict.ts';

/** What Security Hub of one account in one region must answer. */
export interface HubAtPlace {
  listActive(productArn: string, generatorId: string): Promise<AsffFinding[]>;
  /** At most 100 at once. Gives those that were not taken. */
  importFindings(findings: readonly AsffFinding[]): Promise<readonly NotTaken[]>;
  close(): void;
}

export interface NotTaken {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** What an import came to at one place. */
export interface PlaceImport extends Place {
  /**
   * - `done`: Security Hub says what the audit says, except what it refused
   * - `not-enabled`: the account has not enabled Security Hub in the region
   * - `failed`: a call failed, or did not end in time; `problem` has why. What other calls did counts
   * - `no-time-left`: nothing was begun
   */
  readonly status: 'done' | 'not-enabled' | 'failed' | 'no-time-left';
  readonly imported: number;
  readonly archived: number;
  /** Active findings that say the same already. */
  readonly unchanged: number;
  readonly refused: readonly NotTaken[];
  /** Of several calls that failed: why the first did. */
  readonly problem?: string;
}

export interface HowToImport {
  readonly report: AuditReport;
  /** Which audits the findings are of: see `toAsff`. */
  readonly generator: string;
  readonly connect: (place: Place) => HubAtPlace;
  /** Whether an error says that Security Hub is not enabled. */
  readonly isNotEnabled: (error: unknown) => boolean;
  readonly explain: (error: unknown) => string;
  /** Aborted when no more places are begun. */
  readonly timeUp: AbortSignal;
  readonly placesAtOnce?: number;
}

/** BatchImportFindings (Security Hub API Reference). */
const MOST_AT_ONCE = 100;
/**
 * A finding that says the same is imported again once a day, and not with each audit: each import is an event that people's rules act
 * on, and costs. One that is not updated for 90 days is deleted.
 */
const SAID_AGAIN_AFTER_MS = 24 * 60 * 60 * 1000;
const PLACES_AT_ONCE = 20;
const DIGEST = 'ingress-guard/digest';

/**
 * Makes Security Hub say what an audit found: imports what stands and is disallowed, and what could not be evaluated; archives what is
 * gone. A finding is archived only if the audit saw its grant gone or allowed, or looked at the whole place and did not see it. Never
 * throws: what failed is in the result. Accounts with something to import come first.
 */
export async function importFindings(how: HowToImport): Promise<PlaceImport[]> {
  const { report, generator, timeUp, placesAtOnce = PLACES_AT_ONCE } = how;
  return await pMap(
    tasksOf(report, generator),
    async (task): Promise<PlaceImport> => {
      const { place } = task;
      if (timeUp.aborted) return { ...place, status: 'no-time-left', ...NOTHING };
      const done: Done = { taken: [], refused: [] };
      const end = await before(timeUp, () => importAt(task, how, done)).catch((error): End => {
        if (how.isNotEnabled(error)) return { status: 'not-enabled' };
        return { status: 'failed', problem: how.explain(error) };
      });
      const taken = (state: AsffFinding['RecordState']): number =>
        done.taken.filter(({ RecordState }) => RecordState === state).length;
      return {
        ...place,
        unchanged: 0,
        ...end,
        imported: taken('ACTIVE'),
        archived: taken('ARCHIVED'),
        refused: [...done.refused],
      };
    },
    { concurrency: placesAtOnce },
  );
}

/** What is to be done at one place. */
interface Task {
  readonly place: Place;
  readonly own: readonly AsffFinding[];
  /** Whether the audit looked at the whole place. */
  readonly isWhole: boolean;
}

/** A task for each place that the report speaks of. Those of an account come together: they share its session. */
function tasksOf(report: AuditReport, generator: string): Task[] {
  const { notJudged } = verdictOf(report);
  const findings = Map.groupBy(toAsff(report, generator), ({ ProductArn }) => ProductArn);
  const notWhole = new Set(notJudged.map(placeKey));
  const lookedAt = new Set(report.regions.filter(({ status }) => status !== 'failed').map(placeKey));
  const places = new Map([...report.regions, ...notJudged].map((one) => [placeKey(one), one]));
  const tasks = [...places].map(([key, { account, region }]): Task => {
    const own = findings.get(productArnOf({ account, region })) ?? [];
    return { place: { account, region }, own, isWhole: lookedAt.has(key) && !notWhole.has(key) };
  });
  const ofAccount = new Map<string, number>();
  for (const { place, own } of tasks) {
    ofAccount.set(place.account, (ofAccount.get(place.account) ?? 0) + own.filter(isToImport).length);
  }
  const sizeOf = ({ place }: Task): number => ofAccount.get(place.account) ?? 0;
  return tasks.sort((a, b) => sizeOf(b) - sizeOf(a) || (a.place.account < b.place.account ? -1 : 1));
}

const NOTHING = { imported: 0, archived: 0, unchanged: 0, refused: [] } as const;

/** What calls have done at a place by now: calls after them can fail, and time can end. */
interface Done {
  readonly taken: AsffFinding[];
  readonly refused: NotTaken[];
}

type End = Pick<PlaceImport, 'status' | 'problem'> & Partial<Pick<PlaceImport, 'unchanged'>>;

/** What work resolves to, or an error when the time is up. Credentials are waited for without a look at any signal. */
async function before<Value>(timeUp: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const end = () => reject(new Error('there was no time left to wait for an answer'));
  timeUp.addEventListener('abort', end);
  try {
    return await Promise.race([work(), late]);
  } finally {
    timeUp.removeEventListener('abort', end);
  }
}

async function importAt(
  { place, own, isWhole }: Task,
  { connect, generator, report: { startedAt }, explain }: HowToImport,
  done: Done,
): Promise<End> {
  const hub = connect(place);
  try {
    const listed = await hub.listActive(productArnOf(place), generator);
    const active = listed.filter((one) => isOurs(one, place, generator));
    const activeOf = new Map(active.map((one) => [one.Id, one]));
    const wanted = own.filter(isToImport).map(withDigest);
    const wantedIds = new Set(wanted.map(({ Id }) => Id));
    const seenGone = new Set(own.filter((one) => !isToImport(one)).map(({ Id }) => Id));
    const changed = wanted.filter((one) => !saysTheSame(activeOf.get(one.Id), one));
    const gone = active.filter(
      (one) => !wantedIds.has(one.Id) && (isWhole || seenGone.has(one.Id)) && !isNewer(one, startedAt),
    );
    const toSend = [
      ...changed.map((one) => withFirstTimes(one, activeOf.get(one.Id))),
      ...gone.map((one) => archived(one, startedAt)),
    ];
    let problem: string | undefined;
    for (let from = 0; from < toSend.length; from += MOST_AT_ONCE) {
      const some = toSend.slice(from, from + MOST_AT_ONCE);
      try {
        const refused = await hub.importFindings(some);
        const isRefused = new Set(refused.map(({ id }) => id));
        done.refused.push(...refused);
        done.taken.push(...some.filter(({ Id }) => !isRefused.has(Id)));
      } catch (error) {
        // Security Hub can refuse a request for one of its findings. Those of the other requests are as good as before.
        problem ??= explain(error);
      }
    }
    return {
      status: problem === undefined ? 'done' : 'failed',
      ...(problem !== undefined && { problem }),
      unchanged: wanted.length - changed.length,
    };
  } finally {
    hub.close();
  }
}

/** Whether we made it, and may archive it. It was asked for so; to archive what others found would hide it. */
function isOurs(
  { ProductArn, GeneratorId, AwsAccountId, RecordState }: AsffFinding,
  place: Place,
  generator: string,
): boolean {
  return (
    ProductArn === productArnOf(place) &&
    GeneratorId === generator &&
    AwsAccountId === place.account &&
    RecordState === 'ACTIVE'
  );
}

/** What stands and is disallowed, and what could not be evaluated. */
function isToImport({ RecordState, Compliance }: AsffFinding): boolean {
  return RecordState === 'ACTIVE' && Compliance.Status !== 'PASSED';
}

/** With a hash of all that it says, except the times. */
function withDigest(finding: AsffFinding): AsffFinding {
  const { CreatedAt, UpdatedAt, FirstObservedAt, ...rest } = finding;
  const digest = createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 32);
  return { ...finding, ProductFields: { ...finding.ProductFields, [DIGEST]: digest } };
}

function saysTheSame(active: AsffFinding | undefined, finding: AsffFinding): boolean {
  if (active === undefined) return false;
  if (isNewer(active, finding.UpdatedAt)) return true;
  if (active.ProductFields?.[DIGEST] !== finding.ProductFields[DIGEST]) return false;
  return Date.parse(finding.UpdatedAt) - Date.parse(active.UpdatedAt) < SAID_AGAIN_AFTER_MS;
}

/** Whether a later audit said it: an earlier one can import later. */
function isNewer({ UpdatedAt }: AsffFinding, startedAt: string): boolean {
  return Date.parse(UpdatedAt) > Date.parse(startedAt);
}

/** An update replaces the times too. */
function withFirstTimes(finding: AsffFinding, active: AsffFinding | undefined): AsffFinding {
  const { CreatedAt = finding.CreatedAt, FirstObservedAt = finding.FirstObservedAt } = active ?? {};
  return { ...finding, CreatedAt, FirstObservedAt };
}

/**
 * The finding as Security Hub has it, archived: with what we said of it, and without what Security Hub and people said. Fields that are
 * not ours cannot be sent back.
 */
function archived(active: AsffFinding, UpdatedAt: string): AsffFinding {
  const { SchemaVersion, Id, ProductArn, ProductName, CompanyName, GeneratorId, AwsAccountId } = active;
  const { CreatedAt, FirstObservedAt, Title, Description, FindingProviderFields, Compliance, Resources } = active;
  const { Severity, Types } = FindingProviderFields;
  const ProductFields = Object.fromEntries(
    Object.entries(active.ProductFields ?? {}).filter(([name]) => name.startsWith('ingress-guard/')),
  );
  return {
    ...{ SchemaVersion, Id, ProductArn, ProductName, CompanyName, GeneratorId, AwsAccountId },
    ...{ CreatedAt, UpdatedAt, FirstObservedAt, Title, Description },
    FindingProviderFields: { Severity: { Label: Severity.Label, Original: Severity.Original }, Types },
    ...{ Compliance, ProductFields, Resources },
    RecordState: 'ARCHIVED',
  };
}
