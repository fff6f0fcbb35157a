import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A CloudFormation template, as `serverless package` makes it. */
export interface Template {
  readonly Description: string;
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, { readonly Value: unknown }>;
}
export interface Resource {
  readonly Type: string;
  // What CloudFormation takes is far too much to type here, and these tests are about what is really there.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}
export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export async function readTemplate(folder: string): Promise<Template> {
  return JSON.parse(await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
}

/** The resources of a type, by logical id. */
export function ofType({ Resources }: Template, type: string): [string, Resource][] {
  return Object.entries(Resources).filter(([, resource]) => resource.Type === type);
}

/** What a role allows, statement by statement. */
export function statementsOf(role: Resource): Statement[] {
  return role.Properties.Policies.flatMap(
    (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
  );
}

export function actionsOf(role: Resource): string[] {
  return statementsOf(role).flatMap(({ Action }) => Action);
}

/** The logical id that a Ref or a GetAtt names. */
export function refersTo(value: unknown): string | undefined {
  const { Ref, 'Fn::GetAtt': getAtt } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? getAtt?.[0];
}

/** All of a template as text, but for the role of the call that must fail: that role has a rule of its own. */
export function withoutFailingCall({ Resources, ...template }: Template): string {
  const { CloudTrailHeartbeatRole: _, ...others } = Resources;
  return JSON.stringify({ ...template, Resources: others });
}
