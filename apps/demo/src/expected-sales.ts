export type CrmEndpoint = { url: string; token: string };

type Summary = { period: string; totalRevenue: number; byRegion: { region: string; revenue: number }[] };

/** Compares a result with the figures of the CRM for Q4 2023. @returns a description of the difference, or undefined */
export async function differenceToCrm({ url, token }: CrmEndpoint, result: unknown): Promise<string | undefined> {
  const response = await fetch(`${url}/v1/sales/summary?year=2023&quarter=Q4`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) return `the CRM answered ${response.status}.`;
  const { totalRevenue, byRegion } = (await response.json()) as Summary;
  const expected = {
    total: totalRevenue,
    regions: sorted(byRegion.map(({ region, revenue }) => ({ region, total: revenue }))),
  };
  const { quarter, total, regions } = result as { quarter: string; total: number; regions: Region[] };
  const actual = { total, regions: sorted(regions) };
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    return `the result is ${JSON.stringify(actual)}, but the CRM says ${JSON.stringify(expected)}.`;
  }
  return quarter.includes('Q4') ? undefined : `the quarter is "${quarter}".`;
}

type Region = { region: string; total: number };

const sorted = (regions: Region[]): Region[] =>
  regions.map(({ region, total }) => ({ region, total })).sort((a, b) => (a.region < b.region ? -1 : 1));
