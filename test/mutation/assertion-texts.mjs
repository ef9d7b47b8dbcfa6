/** Leaves out the texts of assertions: they are for whoever mends a mistake of ours, and nothing depends on their words. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const ASSERTIONS = new Set(['assert', 'must', 'unreachable']);

const assertionTexts = {
  shouldIgnore({ node, parentPath }) {
    const isText = node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
    const call = parentPath?.node;
    const isOfAssertion =
      isText &&
      call?.type === 'CallExpression' &&
      ASSERTIONS.has(call.callee.name) &&
      call.arguments[0] !== node;
    return isOfAssertion ? 'the text of an assertion' : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'assertion-texts', assertionTexts)];
