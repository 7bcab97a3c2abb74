import type { Tables } from '../kit.ts';
import { split } from '../lines.ts';

/** name, e-mail, phone, town */
const CUSTOMERS = `Joan Whitfield|joan.whitfield@mail.example|01904 555101|York
Mark Whitfield|mark@whitfield.example|0113 555102|Leeds
Daniel Price|daniel.price@mail.example|0117 555103|Bristol
Amira Haddad|amira.haddad@mail.example|01223 555104|Cambridge
Owen Bevan|owen@bevan.example|029 555105|Cardiff
Daniel Price|dprice@post.example|0191 555106|Durham
Kirsty Lennox|kirsty.lennox@mail.example|0131 555107|Edinburgh
Ravi Menon|ravi.menon@mail.example|0116 555108|Leicester
Beatrice Okafor|b.okafor@mail.example|01603 555109|Norwich
Graham Tully|graham.tully@post.example||Whitby
Lucy Farnham|lucy@farnham.example|01273 555111|Brighton
Stefan Kowalczyk|stefan.k@post.example|0115 555112|Nottingham
Helen Straker|helen.straker@mail.example|01748 555113|Richmond
Tomos Griffiths|tomos@griffiths.example|01792 555114|Swansea`;

/** customer (from 1), product, status, yearly premium, sum insured, excess, renewal, address */
const POLICIES = `1|combined|active|412.5|320000|250|2027-02-01|14 Minster Row, York
2|buildings|active|286|275000|300|2026-12-08|3 Canal Terrace, Leeds
3|contents|active|148.2|45000|150|2027-05-17|22 Harbour View, Bristol
4|combined|active|530|410000|250|2026-12-19|7 Mill Road, Cambridge
5|buildings|active|305.75|290000|500|2027-03-30|51 Bute Street, Cardiff
6|combined|active|367|265000|250|2027-01-11|9 Cathedral Close, Durham
7|contents|active|176.4|60000|100|2027-08-02|Flat 4, 18 Leith Walk, Edinburgh
8|combined|active|448|350000|250|2026-12-27|30 Abbey Road, Leicester
9|contents|expired|129|35000|150|2026-09-14|2 Elm Hill, Norwich
10|buildings|active|398.6|240000|750|2027-04-21|Cliff Cottage, Whitby
11|combined|active|612|520000|500|2027-06-09|80 Marine Parade, Brighton
12|contents|active|134.9|40000|150|2027-07-25|11 Lace Street, Nottingham
13|combined|active|389|310000|250|2027-02-28|Rose Cottage, Richmond
14|buildings|cancelled|254|230000|300|2026-10-01|5 Gower Road, Swansea
1|contents|active|98|25000|100|2027-01-05|Flat 2, 6 Bootham, York`;

/** name, e-mail, team */
const HANDLERS = `Priya Nair|priya.nair@hearthline.example|water
Colin Massey|colin.massey@hearthline.example|weather
Fiona Drummond|fiona.drummond@hearthline.example|theft
Ibrahim Sesay|ibrahim.sesay@hearthline.example|large_loss
Wendy Lowe|wendy.lowe@hearthline.example|water`;

/** policy (from 1), peril, status, day of loss, reported, reserve, handler (from 1), description */
const CLAIMS = `1|storm|settled|2026-08-19|2026-08-20|1850|2|Ridge tiles blown off
4|escape_of_water|settled|2026-08-30|2026-09-01|4300|1|Leak under the bath, ceiling below stained
3|theft|rejected|2026-09-05|2026-09-07|2200|3|Bicycle taken from a shared hallway
8|fire|approved|2026-09-12|2026-09-12|38500|4|Kitchen fire after a pan was left on the hob
11|escape_of_water|in_review|2026-09-21|2026-09-22|12750|1|Burst pipe behind the kitchen units
7|accidental_damage|settled|2026-09-24|2026-09-26|640|3|Television knocked off its stand
5|subsidence|in_review|2026-06-30|2026-10-01|27000|4|Cracks along the rear of the house
13|escape_of_water|approved|2026-10-04|2026-10-05|5100|5|Washing machine hose came off
2|storm|settled|2026-10-11|2026-10-12|980|2|Fence panels down
10|storm|in_review|2026-10-17|2026-10-19|7400|2|Porch roof torn off by the wind
6|theft|approved|2026-10-20|2026-10-21|3150|3|Break-in through the back entrance, laptop and jewellery gone
12|accidental_damage|rejected|2026-10-24|2026-10-28|420|3|Phone dropped in the canal
1|escape_of_water|in_review|2026-10-29|2026-10-30|2900|5|Slow leak from the boiler
4|theft|in_review|2026-11-02|2026-11-03|1675|3|Tools stolen from the garden shed
8|accidental_damage|approved|2026-11-05|2026-11-06|310|3|Ink spilt on the living room carpet
11|storm|reported|2026-11-13|2026-11-14|6200||Conservatory glass broken by a branch
5|storm|in_review|2026-11-13|2026-11-14|1450|2|Gutter and downpipe pulled away
10|escape_of_water|reported|2026-11-16|2026-11-17|3300||Loft tank overflowed
2|fire|in_review|2026-11-18|2026-11-18|15900|4|Chimney fire, flue and roof timbers damaged
13|storm|reported|2026-11-20|2026-11-21|2150||Shed roof lifted off
7|theft|reported|2026-11-22|2026-11-23|890||Parcel and bicycle stolen from the stairwell
15|accidental_damage|reported|2026-11-22|2026-11-24|275|3|Glass table cracked`;

/** claim (from 1), amount, payee, day */
const PAYMENTS = `1|1600|Joan Whitfield|2026-09-15
2|3950|Fenland Drying Ltd|2026-09-28
2|350|Amira Haddad|2026-10-02
4|12000|Ravi Menon|2026-10-09
6|540|Kirsty Lennox|2026-10-14
9|680|Mark Whitfield|2026-10-30
8|2500|Dales Restoration Ltd|2026-11-04
4|9500|Soar Valley Builders Ltd|2026-11-11
11|1800|Daniel Price|2026-11-19`;

/** claim (from 1), when, surveyor, status */
const VISITS = `5|2026-10-02T10:00|Neil Garside|done
7|2026-10-20T13:30|Rosa Pinto|done
10|2026-11-26T09:30|Neil Garside|booked
19|2026-11-26T14:00|Rosa Pinto|booked
13|2026-11-27T11:00|Neil Garside|booked
17|2026-12-01T10:30|Rosa Pinto|booked
16|2026-12-02T09:00|Rosa Pinto|booked`;

const [customers, policies, claims] = [split(CUSTOMERS), split(POLICIES), split(CLAIMS)];
const customer = (place: string | undefined) => `cus_${100 + Number(place)}`;
const policy = (place: string | undefined) => `HP-${2000 + Number(place)}`;
const claim = (place: string | undefined) => `CL-${500 + Number(place)}`;

/** @returns the insurer as it is on the morning of 25 November 2026 */
export const seed = (): Tables => ({
  customers: customers.map(([name, email, phone, town], index) => ({
    id: customer(String(index + 1)),
    name,
    email,
    ...(phone && { phone }),
    town,
  })),
  policies: policies.map(([by, product, status, premium, sum, excess, renewsOn, address], index) => ({
    id: policy(String(index + 1)),
    customerId: customer(by),
    policyholder: customers[Number(by) - 1]![0],
    product,
    status,
    annualPremium: Number(premium),
    sumInsured: Number(sum),
    excess: Number(excess),
    currency: 'GBP',
    renewsOn,
    address,
  })),
  handlers: split(HANDLERS).map(([name, email, team], index) => ({ id: `hnd_${index + 1}`, name, email, team })),
  claims: claims.map(([under, peril, status, lossDate, reportedOn, reserve, handler, description], index) => ({
    id: claim(String(index + 1)),
    policyId: policy(under),
    policyholder: customers[Number(policies[Number(under) - 1]![0]) - 1]![0],
    peril,
    status,
    lossDate,
    reportedOn,
    reserve: Number(reserve),
    currency: 'GBP',
    handlerId: handler ? `hnd_${handler}` : null,
    description,
  })),
  payments: split(PAYMENTS).map(([under, paid, payee, paidOn], index) => ({
    id: `pay_${301 + index}`,
    claimId: claim(under),
    amount: Number(paid),
    currency: 'GBP',
    payee,
    paidOn,
  })),
  notes: [
    { id: 'nte_41', claimId: 'CL-505', text: 'Plumber’s report is still missing', createdAt: '2026-10-06T11:20:00Z' },
    { id: 'nte_42', claimId: 'CL-505', text: 'Customer moved to a hotel', createdAt: '2026-10-09T08:45:00Z' },
    { id: 'nte_43', claimId: 'CL-514', text: 'Crime reference received', createdAt: '2026-11-05T15:10:00Z' },
  ],
  visits: split(VISITS).map(([under, when, surveyor, status], index) => ({
    id: `vis_${71 + index}`,
    claimId: claim(under),
    scheduledFor: `${when}:00Z`,
    surveyor,
    status,
  })),
});
