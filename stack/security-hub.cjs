// What serverless.yml asks for that depends on the setting `securityHub`. docs/decisions/0038-security-hub.md

module.exports = async ({ resolveVariable }) => {
  const isOn = String(await resolveVariable('self:custom.securityHub')) === 'true';
  const name = `${await resolveVariable('self:service')}-${await resolveVariable('self:provider.stage')}`;
  return {
    // Of each stage its own: one must not archive what another found.
    generator: isOn ? name : '',
    // For the calls to each place of an organization.
    closeRunTimeout: isOn ? 900 : 300,
  };
};
