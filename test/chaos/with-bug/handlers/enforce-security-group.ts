import '../replace-modules.ts';

export const { handler } = await import('../../../../handlers/enforce-security-group.ts');
