/** States, kinds and short forms that enumerations use. */
export const VALUE_GROUPS = `
open active pending unresolved outstanding new
open unpaid outstanding owe
overdue late past_due
paid settled
closed done resolved completed finished complete fixed
won closed_won
lost closed_lost
in_progress started ongoing wip
cancelled canceled void
draft unsent unpublished
high urgent important critical
low minor
medium normal
active enabled
inactive disabled
archived old
shipped sent
delivered received
asc ascending increasing oldest lowest
desc descending decreasing newest highest
out_of_stock sold_out
sms text_message
accepting taking
`;

/** Short forms and their words. */
export const SHORT = `qty:quantity amt:amount num:number nr:number acct:account org:organization addr:address desc:description descr:description msg:message
  cat:category cust:customer co:company dept:department emp:employee mgr:manager prod:product inv:invoice opp:opportunity opps:opportunity
  tel:phone pic:picture img:image lang:language loc:location src:source dest:destination temp:temperature avg:average pct:percent yr:year
  mo:month wk:week hr:hour hrs:hours mins:minutes sec:second info:information repo:repository auth:authentication config:configuration
  env:environment param:parameter ts:timestamp dt:date dob:birthday bday:birthday curr:currency ccy:currency seq:sequence ext:extension
  appt:appointment mtg:meeting evt:event usr:user grp:group ctry:country attn:attention ref:reference est:estimate fwd:forward pmt:payment
  txn:transaction tx:transaction vat:tax docs:document pics:picture photos:photo lbl:label prio:priority pwd:password`;

/** Plurals and forms of verbs that no rule gives. */
export const IRREGULAR = `people:person men:man women:woman children:child movies:movie cookies:cookie series:series species:species news:news statuses:status
  analyses:analysis indices:index matrices:matrix lens:lens ties:tie pies:pie does:does always:always ours:ours mice:mouse feet:foot
  lives:life shelves:shelf halves:half calories:calorie perhaps:perhaps canvas:canvas alias:alias aliases:alias atlas:atlas rows:rows
  hits:hits statistics:statistics analytics:analytics headquarters:headquarters bought:buy sold:sale sell:sale sent:send made:make
  wrote:write written:write spent:spend held:hold met:meet ran:run gave:give given:give won:win lost:lose paid:pay chosen:choose drawn:draw
  driven:drive kept:keep left:leave taken:take took:take told:tell found:find bound:bind done:do shown:show known:know grown:grow
  built:build caught:catch`;
