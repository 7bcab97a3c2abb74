/** What an imperative verb asks for. `act`: a verb of its own that some services offer as an operation or as a status. */
export type VerbClass = 'read' | 'create' | 'update' | 'delete' | 'act';

/** Verbs by what they ask for; one class a line, `_` joins the parts of a phrasal verb. */
export const VERBS: Readonly<Record<VerbClass, string>> = {
  read: `list show get find search look look_up lookup fetch retrieve read browse view display see check tell give what
    which who when where why how summarize summarise count calculate compute compare sum total analyze analyse explain
    describe report export return query recommend suggest identify determine lookup pull pull_up discover explore
    bring inspect is are was were do does did has have can_i any rank track review watch know want need list_out
    figure_out work_out break_down fill_me_in brief inform enumerate scan monitor total_up`,
  create: `create add make new log register record open schedule book plan set_up arrange write post insert submit file
    raise draft start place order issue enter note invite enroll enrol hire sign_up launch publish upload generate
    reserve request provision introduce save track_new put jot jot_down organize organise subscribe onboard buy
    purchase bill invoice charge remind leave`,
  update: `update change edit modify set rename move reassign assign reschedule adjust correct fix amend replace
    increase decrease raise lower extend shift postpone mark switch convert promote patch bump push reprioritize
    label tag complete alter revise relocate transfer put_on turn`,
  delete: `delete remove discard erase drop cancel destroy clear withdraw unsubscribe revoke call_off trash purge
    unassign detach delist`,
  act: `send close reopen resolve cancel approve reject pay refund ship archive unarchive activate deactivate enable
    disable complete finish start stop publish unpublish email message call remind notify confirm accept decline
    forward reply restock fulfil fulfill dispatch deliver merge lock unlock pause resume restart escalate void
    finalize finalise submit follow unfollow like star subscribe unsubscribe share invite deploy run trigger charge
    mark assign comment log renew suspend reset verify sign print sync`,
};

/** Verbs of operations that mean the same; used beside the nouns when words are compared. */
export const VERB_GROUPS = `
create add new register make insert record open set_up
log record register track note
get fetch retrieve read show view load lookup details
list search browse find query index all enumerate discover explore
search find lookup query discover
update modify edit change patch amend set adjust
delete remove discard erase drop destroy trash purge
cancel void call_off abort annul revoke
send deliver email dispatch transmit mail
close resolve complete finish done conclude end
reopen open_again
approve accept confirm authorize authorise
reject decline deny refuse
pay settle paid
refund reimburse money_back
ship dispatch fulfil fulfill deliver send
schedule plan book arrange set_up reserve organize organise
book reserve
assign allocate delegate give reassign
move transfer relocate shift
archive store_away
activate enable turn_on switch_on
deactivate disable turn_off switch_off suspend
invite ask add
comment reply respond note remark
publish post release announce
upload attach add
buy order purchase
place order submit
own owner responsible handle
produce create make producer
create make produce found establish
reschedule move postpone shift
restock replenish refill
`;
