import { expect, test } from '@jest/globals';
import { createLogger } from './log';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(
    createLogger({ service: 'test', level: 'info', destination: { write: (line: string) => void (text += line) } }),
  );
  return text;
}

test('personal data and secrets are withheld at every depth', () => {
  const text = logged((logger) => {
    logger.info(
      {
        order_id: 'ord_1',
        ship_to: { name: 'Marker One' },
        order: { lines: [{ note: 'Marker Two' }], customer: { email: 'marker@example.org' } },
        headers: { Authorization: 'Bearer marker' },
      },
      'captured',
    );
  });
  expect(text.toLowerCase()).not.toContain('marker');
  expect(JSON.parse(text)).toMatchObject({ level: 'info', service: 'test', order_id: 'ord_1', msg: 'captured' });
});

test('an error keeps what tells it apart and loses the request that it carries', () => {
  const fault = Object.assign(new Error('refused'), {
    code: 'ECONNREFUSED',
    config: { data: '{"email":"marker@example.org"}', headers: { authorization: 'marker' } },
  });
  for (const text of [
    logged((logger) => {
      logger.error(fault, 'call failed');
    }),
    logged((logger) => {
      logger.error({ err: fault }, 'call failed');
    }),
  ]) {
    expect(text).not.toContain('marker');
    expect(JSON.parse(text)).toMatchObject({ err: { message: 'refused', code: 'ECONNREFUSED' }, msg: 'call failed' });
  }
});
