import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { feedVocabulary, vocabulary } from '../../connectors/kit/vocabulary';
import type { OrderEvent } from '../../domain/order/events';
import type { OrderStepName } from '../../domain/order/facts';
import { statusPredicates } from '../../domain/order/phases';
import {
  fulfillmentStageSchema,
  orderStatusSchema,
  problemCodeSchema,
  waitingForSchema,
} from '../../domain/order/schema';
import type { ShipmentEvent } from '../../domain/shipment/events';
import type { ShipmentStepName } from '../../domain/shipment/facts';
import { milestoneSchema } from '../../domain/tracking/schema';
import { Config, variableOf } from '../../platform/config';
import { searchAttributes } from '../../platform/servers/search-attributes';

const root = resolve(__dirname, '..', '..');
const rooms = ['domain', 'workflows', 'activities', 'connectors', 'store', 'api', 'platform'];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

// Types are gone when a test runs: the compiler checks that each of these names every member and no other.
const orderEvents = Object.keys({
  captured: 1,
  noted: 1,
  refused: 1,
  validated: 1,
  problem_raised: 1,
  problem_cleared: 1,
  recheck_requested: 1,
  routed: 1,
  allocated: 1,
  reservation_lost: 1,
  shipment_opened: 1,
  shipment_reported: 1,
  delivery_completed: 1,
  closed: 1,
} satisfies Record<OrderEvent['type'], 1>);
const shipmentEvents = Object.keys({
  opened: 1,
  released: 1,
  accepted: 1,
  picked: 1,
  packed: 1,
  labelled: 1,
  handed_off: 1,
  announced: 1,
  payment_captured: 1,
  invoiced: 1,
  tracking_updated: 1,
  delivered: 1,
  problem_raised: 1,
  problem_cleared: 1,
  recheck_requested: 1,
  refused: 1,
} satisfies Record<ShipmentEvent['type'], 1>);
const orderSteps = Object.keys({
  validate: 1,
  route: 1,
  reserve: 1,
  open: 1,
  complete: 1,
  close: 1,
} satisfies Record<OrderStepName, 1>);
const shipmentSteps = Object.keys({
  release: 1,
  label: 1,
  handoff: 1,
  announce: 1,
  capture: 1,
  invoice: 1,
} satisfies Record<ShipmentStepName, 1>);

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : sourcesBelow(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** What a chapter of a page holds, up to the next heading of the same or a higher rank. */
function chapter(page: string, heading: string): string {
  const lines = read(page).split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`${page} has no chapter "${heading}".`);
  const rank = heading.indexOf(' ');
  const end = lines.findIndex((line, index) => index > start && /^#+ /.test(line) && line.indexOf(' ') <= rank);
  return lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}

/** The rows of all tables in a text, each a list of its cells; the heads are left out. */
function rows(text: string): string[][] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const isHead = lines[index + 1]?.startsWith('|---') ?? false;
    if (!line.startsWith('|') || line.startsWith('|---') || isHead) return [];
    const cells = line.slice(1, -1).split(/(?<!\\)\|/);
    return [cells.map((cell) => cell.trim().replaceAll('\\|', '|'))];
  });
}

const unquoted = (cell: string | undefined): string => /^`(.*)`$/.exec(cell ?? '')?.[1] ?? `not code: ${cell ?? ''}`;
const firstCells = (text: string): string[] => rows(text).map(([first]) => unquoted(first));

/** The entries `['name', predicate]` of a table in the source, with the predicate's text on one line. */
function predicatesInSource(path: string, table: string): string[][] {
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
  const found: string[][] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === table && node.initializer) {
      if (!ts.isArrayLiteralExpression(node.initializer)) throw new Error(`${table} is not a list.`);
      for (const entry of node.initializer.elements) {
        if (!ts.isArrayLiteralExpression(entry)) throw new Error(`${table} holds more than pairs.`);
        const [name, predicate] = entry.elements;
        if (!name || !predicate || !ts.isStringLiteral(name)) throw new Error(`${table} holds more than pairs.`);
        found.push([name.text, predicate.getText().replaceAll(/\s+/g, ' ')]);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const predicatesInPage = (heading: string): string[][] =>
  rows(chapter('docs/order-life.md', heading)).map((cells) => cells.map(unquoted));

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);
const pages = ['README.md', 'CONTRIBUTING.md', ...markdownIn('docs'), ...markdownIn('connectors')];

describe('the glossary', () => {
  const refusals = ['domain/order/decide.ts', 'domain/shipment/decide.ts'].flatMap((path) =>
    [...read(path).matchAll(/refusal\(\s*cause,\s*'([A-Z_]+)'/g)].map((match) => match[1] ?? ''),
  );
  const lists: Record<string, readonly string[]> = {
    '## Order status': orderStatusSchema.options,
    '## Fulfillment stage': fulfillmentStageSchema.options,
    '## Problem codes': problemCodeSchema.options,
    '## Waiting for': waitingForSchema.options,
    '## Events of an order': orderEvents,
    '## Events of a shipment': shipmentEvents,
    '## Steps of an order': orderSteps,
    '## Steps of a shipment': shipmentSteps,
    '## Milestones': milestoneSchema.options,
    '## Refusals': [...new Set(refusals)],
    '## Operations and feeds': [...Object.keys(vocabulary), ...Object.keys(feedVocabulary)],
  };

  test.each(Object.entries(lists))('%s names every value of the code and no other', (heading, values) => {
    expect(values.length).toBeGreaterThan(3);
    expect(firstCells(chapter('docs/glossary.md', heading)).toSorted()).toEqual([...values].toSorted());
  });

  test('has no chapter of values that is not compared', () => {
    const withValues = [...read('docs/glossary.md').matchAll(/^(## .*)$/gm)]
      .map((match) => match[1] ?? '')
      .filter((heading) => rows(chapter('docs/glossary.md', heading)).some(([first]) => first?.startsWith('`')));
    expect(withValues.toSorted()).toEqual(Object.keys(lists).toSorted());
  });

  test('writes as code only what is in the code', () => {
    const code = new Set(rooms.flatMap(sourcesBelow).flatMap((path) => read(path).match(/[A-Za-z_][\w.]*/g) ?? []));
    const tokens = [...read('docs/glossary.md').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    const identifiers = tokens.filter((token) => /^[A-Za-z_][\w.]*$/.test(token));
    expect(identifiers.length).toBeGreaterThan(100);
    expect(identifiers.filter((token) => !code.has(token))).toEqual([]);
  });

  test('sets each operation and feed to its kind', () => {
    const kinds = Object.entries({ ...vocabulary, ...feedVocabulary }).map(([name, { kind }]) => [name, kind]);
    const written = rows(chapter('docs/glossary.md', '## Operations and feeds')).map(([name, kind]) => [
      unquoted(name),
      unquoted(kind),
    ]);
    expect(written).toEqual(kinds.map(([name, kind]) => [name, kind]));
  });
});

describe('the life of an order', () => {
  test('shows the predicates of status as they are', () => {
    const source = predicatesInSource('domain/order/phases.ts', 'statusPredicates');
    expect(source.map(([status]) => status)).toEqual(statusPredicates.map(([status]) => status));
    expect(predicatesInPage('## Status')).toEqual(source);
  });

  test('shows the predicates of a stage as they are', () => {
    const source = predicatesInSource('domain/shipment/phases.ts', 'stagePredicates');
    expect(source.length).toBeGreaterThan(5);
    expect(predicatesInPage('## Stage')).toEqual(source);
  });

  test('says of every step when it comes', () => {
    expect(firstCells(chapter('docs/order-life.md', '## Steps'))).toEqual([...orderSteps, ...shipmentSteps]);
  });

  test('says of every problem when it arises', () => {
    const named = firstCells(chapter('docs/order-life.md', '## Problems'));
    expect(named.toSorted()).toEqual([...problemCodeSchema.options].toSorted());
  });
});

describe('the guide to production', () => {
  const page = 'docs/run-in-production.md';
  const fields = Object.keys(Config.shape) as (keyof Config)[];

  test('lists every setting with its default', () => {
    const defaults: Record<string, unknown> = Config.parse({});
    const settings = rows(chapter(page, '## Configuration')).map(([name, value]) => [unquoted(name), value]);
    const text = (value: unknown): string => {
      if (value === undefined) return '';
      return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
    };
    const wanted = fields.map((field) => [variableOf(field), text(defaults[field])]);
    expect(settings.toSorted()).toEqual(wanted.toSorted());
  });

  test('lists every search attribute with its type', () => {
    const types: Record<string, string> = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', DATETIME: 'Datetime' };
    const wanted = Object.values(searchAttributes).map(({ name, type }) => [name, types[type]]);
    const table = rows(chapter(page, '## Temporal')).map((cells) => cells.map(unquoted));
    expect(table).toEqual(wanted);
    const commands = chapter(page, '## Temporal');
    for (const [name = ''] of table) expect(commands.split(name).length).toBeGreaterThan(2);
  });
});

describe('every page', () => {
  const texts = [...pages, 'docker-compose.yml', 'Dockerfile'];

  test('names only settings that exist', () => {
    const known = new Set((Object.keys(Config.shape) as (keyof Config)[]).map(variableOf));
    const unknown = texts.flatMap((path) =>
      [...read(path).matchAll(/WAYBILL_[A-Z_]*[A-Z]/g)]
        .map(([name]) => name)
        .filter((name) => !known.has(name) && !name.startsWith('WAYBILL_TEST_'))
        .map((name) => `${path}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap((path) =>
      [...read(path).matchAll(/npm run ([a-z][a-z:-]*)/g)].map((match) => ({ path, script: match[1] ?? '' })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  test('links to what is there', () => {
    const slug = (heading: string): string =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
    const anchors = (path: string): string[] =>
      [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) => slug(match[1] ?? ''));
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
          const [path = '', anchor] = target.split('#');
          const file = path === '' ? join(root, page) : resolve(dirname(join(root, page)), path);
          if (!existsSync(file)) return true;
          return anchor !== undefined && !anchors(file).includes(anchor);
        })
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });
});
