// What serverless.yml asks for that depends on the setting `organization`: the functions that audit an organization, and the bus that
// the events come by. Without that setting there are no such functions, and events come by the account's default bus.

const { NAMES, PATTERN } = require('./spoke.cjs');

const FUNCTIONS = ['listTargets', 'judgeAccount', 'actAccount', 'closeRun'];

module.exports = async ({ resolveVariable }) => {
  if (!(await resolveVariable('self:custom.organization'))) return { eventBus: 'default' };
  const enforces = (await resolveVariable('self:custom.mode')) === 'enforce';
  return {
    ...Object.fromEntries(
      FUNCTIONS.map((name) => [name, `\${file(stack/organization-functions.yml):functions.${name}}`]),
    ),
    // By GetAtt, since the Serverless Framework takes neither Ref nor a name here without making another bus.
    eventBus: { 'Fn::GetAtt': ['MemberBus', 'Name'] },
    readRole: NAMES.readRole,
    revokeRole: enforces ? NAMES.revokeRole : '',
    findingsRole: NAMES.findingsRole,
    spokePattern: JSON.stringify(PATTERN),
  };
};
