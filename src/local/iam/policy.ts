import { compileWildcard } from '../wildcard.ts';
import { type Condition, type Context, compileConditions } from './conditions.ts';

/** What a policy is asked: whether someone may do something to something. */
export interface Question {
  /** `sts:AssumeRole` */
  readonly action: string;
  /** The ARN of what it is done to; `*` for an action that is about no single resource. */
  readonly resource: string;
  readonly context: Context;
  /** Who asks. Only policies of resources name principals. */
  readonly principal?: Principal;
}

/** Someone who makes a call. */
export interface Principal {
  /** 12 digits. */
  readonly accountId: string;
  /** The ARN of a user, or of a session's role. */
  readonly arn: string;
}

export type Answer = 'allow' | 'explicit deny' | 'implicit deny';

/** A policy of IAM, compiled. */
export type Policy = (question: Question) => Answer;

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: Condition;
}

/**
 * Compiles a policy document. A statement that denies wins over all that allow, and what no statement speaks of is denied.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * @param ofResource whether it is attached to a resource, and so names principals: a trust policy, or that of an event bus.
 * @throws if it is malformed, or uses what is not known here: a policy that silently never fits would be worse.
 */
export function compilePolicy(document: unknown, ofResource = false): Policy {
  if (!isObject(document)) throw new Error('the policy is no JSON object');
  const written = listOf(document.Statement);
  if (written.length === 0) throw new Error('the policy has no Statement');
  const statements = written.map((one) => compileStatement(one, ofResource));
  return (question) => {
    const fitting = statements.filter(({ fits }) => fits(question));
    if (fitting.some(({ effect }) => effect === 'Deny')) return 'explicit deny';
    return fitting.length > 0 ? 'allow' : 'implicit deny';
  };
}

function compileStatement(written: unknown, ofResource: boolean) {
  if (!isObject(written)) throw new Error('a Statement of the policy is no JSON object');
  const statement: Statement = written;
  const effect = statement.Effect;
  if (effect !== 'Allow' && effect !== 'Deny') throw new Error('a Statement has the Effect Allow or Deny');
  const unknown = Object.keys(written).filter((key) => !KEYS.has(key));
  if (unknown.length > 0) throw new Error(`a Statement has ${unknown.join(', ')}, which is not known here`);
  if (ofResource !== 'Principal' in statement) {
    throw new Error(ofResource ? 'a Statement has no Principal' : 'a Statement has a Principal, and no resource');
  }
  const parts = [
    compileActions(statement),
    compileResources(statement, ofResource),
    compileConditions(statement.Condition ?? {}),
    ...(ofResource ? [compilePrincipal(statement.Principal)] : []),
  ];
  return { effect, fits: (question: Question) => parts.every((fits) => fits(question)) };
}

const KEYS = new Set(['Sid', 'Effect', 'Principal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);

type Part = (question: Question) => boolean;

/** Documented: the names of actions are compared without regard to case. */
function compileActions({ Action, NotAction }: Statement): Part {
  const isNot = NotAction !== undefined;
  const matchers = textsOf(isNot ? NotAction : Action, 'Action').map((one) => compileWildcard(one.toLowerCase()));
  return ({ action }) => matchers.some((matches) => matches(action.toLowerCase())) !== isNot;
}

/** The policy of a role's trust is about that role, and has no Resource. */
function compileResources({ Resource, NotResource }: Statement, ofResource: boolean): Part {
  if (Resource === undefined && NotResource === undefined && ofResource) return () => true;
  const isNot = NotResource !== undefined;
  const matchers = textsOf(isNot ? NotResource : Resource, 'Resource').map(compileWildcard);
  return ({ resource }) => matchers.some((matches) => matches(resource)) !== isNot;
}

/**
 * Who is meant: everyone, an account (its root's ARN or its id), or one user or role. A service makes no calls here. AWS makes an
 * id of the ARN of a role when the policy is saved, so that a role that was made again is another one; here it stays the ARN.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
function compilePrincipal(written: unknown): Part {
  if (written === '*') return () => true;
  if (!isObject(written)) throw new Error('a Principal is "*" or a JSON object');
  const unknown = Object.keys(written).filter((kind) => kind !== 'AWS' && kind !== 'Service');
  if (unknown.length > 0) throw new Error(`a Principal of the kind ${unknown.join(', ')} is not known here`);
  const meant = written.AWS === undefined ? [] : textsOf(written.AWS, 'Principal');
  return ({ principal }) => meant.some((one) => principal !== undefined && isMeant(one, principal));
}

function isMeant(meant: string, { accountId, arn }: Principal): boolean {
  return (
    meant === '*' ||
    meant === accountId ||
    meant === arn ||
    /^arn:[\w-]+:iam::(\d{12}):root$/.exec(meant)?.[1] === accountId
  );
}

function textsOf(written: unknown, what: string): string[] {
  const texts = listOf(written);
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string')) {
    throw new Error(`a Statement has no ${what}, or one that is no text`);
  }
  return texts as string[];
}

function listOf(written: unknown): unknown[] {
  return written === undefined ? [] : [written].flat();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
