import { describe, expect, test } from '@jest/globals';
import { childEnvironment, Config, ConfigError, readConfig, redactConfig, variableOf } from './config';

describe('readConfig', () => {
  test('has a default for every setting that must have a value', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      task_queue: 'waybill',
      http_host: '127.0.0.1',
      http_port: 8080,
      temporal_namespace: 'default',
      speed: 1,
      return_window_s: 2_592_000,
    });
    expect(config.mongodb_uri).toBeUndefined();
  });

  test('refuses an unknown variable of ours and leaves all others alone', () => {
    expect(() => readConfig({ WAYBILL_HTPP_PORT: '1', PATH: '/bin' })).toThrow(
      'WAYBILL_HTPP_PORT: there is no such setting',
    );
    expect(() => readConfig({ OTHER: 'x', WAYBILL_TEST_MONGODB_URI: 'x' })).not.toThrow();
  });

  test('names every bad value at once and repeats none of them', () => {
    let refusal: unknown;
    try {
      readConfig({ WAYBILL_HTTP_PORT: 'eighty', WAYBILL_MONGODB_URI: 'postgres://u:hidden@h', WAYBILL_SPEED: '0.5' });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ConfigError);
    const { problems, message } = refusal as ConfigError;
    expect(problems.map((line) => line.split(':')[0]).sort()).toEqual([
      'WAYBILL_HTTP_PORT',
      'WAYBILL_MONGODB_URI',
      'WAYBILL_SPEED',
    ]);
    expect(message).not.toContain('hidden');
  });

  test('parses the settings that are JSON, and says which one is not', () => {
    expect(
      readConfig({ WAYBILL_EMBEDDED_PARTNERS: '{"sandbox-carrier":"http://127.0.0.1:1/"}' }).embedded_partners,
    ).toEqual({
      'sandbox-carrier': 'http://127.0.0.1:1',
    });
    expect(readConfig({ WAYBILL_CHAOS: '{"trace_file":"/tmp/trace"}' }).chaos).toEqual({
      trace_file: '/tmp/trace',
      leave_out: [],
    });
    expect(() => readConfig({ WAYBILL_CHAOS: '{' })).toThrow('WAYBILL_CHAOS: is not JSON');
  });

  test('an empty variable counts as not given', () => {
    expect(readConfig({ WAYBILL_HTTP_PORT: '' }).http_port).toBe(8080);
  });
});

test('a config printed hides the password of the database', () => {
  const config = readConfig({ WAYBILL_MONGODB_URI: 'mongodb://app:hidden@db:27017/waybill' });
  expect(redactConfig(config)['mongodb_uri']).toBe('mongodb://***@db:27017/waybill');
});

test('what a child process is given is what it reads', () => {
  const environment = childEnvironment(
    { http_port: 9000, embedded_partners: { 'sandbox-wms': 'http://127.0.0.1:2' }, public_url: undefined },
    { PATH: '/bin', WAYBILL_HTTP_PORT: '1', WAYBILL_SPEED: '7' },
  );
  expect(environment['PATH']).toBe('/bin');
  expect(readConfig(environment)).toEqual({
    ...readConfig({}),
    http_port: 9000,
    embedded_partners: { 'sandbox-wms': 'http://127.0.0.1:2' },
  });
});

test('the name of every setting leads back to it', () => {
  for (const field of Object.keys(Config.shape) as (keyof Config)[]) {
    expect(variableOf(field).slice('WAYBILL_'.length).toLowerCase()).toBe(field);
  }
});
