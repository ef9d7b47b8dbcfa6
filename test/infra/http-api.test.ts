import { describe, expect, test } from '@jest/globals';
import { FUNCTION_TIMEOUT_SECONDS, WORKER_TIMEOUT_SECONDS } from '../../shared/contracts/lifetimes.ts';
import { aSyncStack, asText, ENTRIES, functionOf, SynthesisedTemplate } from './synthesis.ts';

const synthesised = new SynthesisedTemplate(aSyncStack());

/** The properties of the one resource of a type. */
const theOnly = (type: string): Readonly<Record<string, unknown>> => {
  const id = synthesised.idOf(type, '');
  return synthesised.resources[id]?.Properties ?? {};
};

describe('the HTTP API', () => {
  test('has four routes and no other', () => {
    const routes = synthesised
      .ofType('AWS::ApiGatewayV2::Route')
      .map(([, { Properties }]) => Properties.RouteKey);
    expect(routes.sort()).toEqual([
      'GET /oauth/authorize',
      'GET /oauth/callback',
      'POST /oauth/authorize',
      'POST /outbound-messages/{connectionId}/{secret}',
    ]);
  });

  test('logs the key of a route and nothing that a caller chose', () => {
    const { Format } = theOnly('AWS::ApiGatewayV2::Stage').AccessLogSettings as { Format: string };
    expect(Format).toContain('$context.routeKey');
    expect(Format).not.toMatch(/path|query|identity|header|userAgent|authorizer/i);
  });

  test('is throttled and lets no browser script in', () => {
    expect(theOnly('AWS::ApiGatewayV2::Stage').DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 100,
      ThrottlingBurstLimit: 200,
    });
    expect(theOnly('AWS::ApiGatewayV2::Api')).not.toHaveProperty('CorsConfiguration');
  });

  test('is throttled more narrowly where people click, so that no flood there holds up outbound messages', () => {
    const narrow = { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 };
    expect(theOnly('AWS::ApiGatewayV2::Stage').RouteSettings).toEqual({
      'GET /oauth/authorize': narrow,
      'POST /oauth/authorize': narrow,
      'GET /oauth/callback': narrow,
    });
  });

  test('has its routes before the stage names them', () => {
    const [[, stage] = []] = synthesised.ofType('AWS::ApiGatewayV2::Stage');
    const { DependsOn = [] } = (stage ?? {}) as { DependsOn?: string[] };
    const oauth = synthesised
      .ofType('AWS::ApiGatewayV2::Route')
      .filter(([, { Properties }]) => String(Properties.RouteKey).includes('/oauth/'));
    expect(oauth).toHaveLength(3);
    for (const [id] of oauth) expect(DependsOn).toContain(id);
  });

  test('does not reach the operations function', () => {
    const invokers = synthesised
      .ofType('AWS::Lambda::Permission')
      .filter(([, { Properties }]) => asText(Properties.FunctionName).includes('Operations'));
    expect(invokers).toEqual([]);
  });

  test('has another address where the app says so', () => {
    const stack = aSyncStack({ publicUrl: () => 'https://sync.example.com' });
    const { environment } = functionOf(new SynthesisedTemplate(stack), 'operations');
    expect(environment.PUBLIC_URL).toBe('https://sync.example.com');
  });
});

describe('every function', () => {
  test.each(ENTRIES)('%s runs on Node 24 and arm64, traced, with a log of its own', (entry) => {
    const functions = synthesised
      .ofType('AWS::Lambda::Function')
      .filter(([, { Properties }]) => JSON.stringify(Properties.Environment).includes(`"${entry}"`));
    expect(functions).toHaveLength(1);
    expect(functions[0]?.[1].Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: entry === 'sync-worker' ? WORKER_TIMEOUT_SECONDS : FUNCTION_TIMEOUT_SECONDS,
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: expect.anything() },
    });
  });

  test.each(ENTRIES)('%s has an environment far below the 4 KB that Lambda holds', (entry) => {
    const { environment } = functionOf(synthesised, entry);
    const bytes = Object.entries(environment).reduce(
      (sum, [name, value]) => sum + name.length + asText(value).length,
      0,
    );
    // References are longer or shorter once deployed; names and ARNs stay below 200 characters each.
    expect(bytes).toBeLessThan(2500);
  });
});
