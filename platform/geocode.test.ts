import { describe, expect, test } from '@jest/globals';
import { cityAliases } from './city-aliases';
import { geocode } from './geocode';

function near(query: Parameters<typeof geocode>[0], lat: number, lng: number): void {
  const point = geocode(query);
  expect(point?.accuracy).toBe('city');
  expect(Math.abs((point?.lat ?? 99) - lat)).toBeLessThan(0.2);
  expect(Math.abs((point?.lng ?? 99) - lng)).toBeLessThan(0.2);
}

describe('geocode', () => {
  test('finds a city whatever its accents and capitals', () => {
    near({ country: 'DE', city: 'KOLN' }, 50.93, 6.95);
    near({ country: 'fr', city: 'Saint-Étienne' }, 45.43, 4.39);
    near({ country: 'PL', city: 'Lodz' }, 51.77, 19.47);
  });

  test('knows the local and the English name of a city', () => {
    near({ country: 'DE', city: 'München' }, 48.14, 11.58);
    near({ country: 'DE', city: 'Munich' }, 48.14, 11.58);
    near({ country: 'IT', city: 'Milano' }, 45.46, 9.19);
    near({ country: 'BE', city: 'Ghent' }, 51.05, 3.72);
  });

  test('every alias leads to a city', () => {
    for (const [country, names] of Object.entries(cityAliases)) {
      for (const city of Object.keys(names)) {
        expect({ country, city, accuracy: geocode({ country, city })?.accuracy }).toEqual({
          country,
          city,
          accuracy: 'city',
        });
      }
    }
  });

  test('takes the most populous of several places with the same name', () => {
    near({ country: 'US', city: 'Portland' }, 45.52, -122.68);
    near({ country: 'DE', city: 'Frankfurt' }, 50.12, 8.68);
  });

  test('leaves districts and numbers behind the city aside', () => {
    near({ country: 'FR', city: 'Lyon 3e Arrondissement' }, 45.75, 4.85);
    near({ country: 'IT', city: 'Milano MI' }, 45.46, 9.19);
  });

  test('falls back to the middle of the population of the country, and says so', () => {
    const point = geocode({ country: 'FR', city: 'Xyzzy', postal_code: '00000' });
    expect(point?.accuracy).toBe('country');
    expect(point?.lat).toBeGreaterThan(45);
    expect(point?.lat).toBeLessThan(49.5);
    expect(geocode({ country: 'FR', city: '' })?.accuracy).toBe('country');
  });

  test('gives nothing for a country without a known place, and never throws', () => {
    expect(geocode({ country: 'XX', city: 'Berlin' })).toBeUndefined();
    expect(geocode({ country: '', city: '()[]*' })).toBeUndefined();
  });
});
