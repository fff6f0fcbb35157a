import '../replace-modules.ts';

export const { handler } = await import('../../../../handlers/enforce-ingress.ts');
