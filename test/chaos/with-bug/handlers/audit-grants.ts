import '../replace-modules.ts';

export const { handler } = await import('../../../../handlers/audit-grants.ts');
