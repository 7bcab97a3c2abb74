/** What an imperative verb asks for. `act`: a verb of its own that some services offer as an operation or as a status. */
export type VerbClass = 'read' | 'create' | 'update' | 'delete' | 'act';

/** Verbs by what they ask for; one class a line, `_` joins the parts of a phrasal verb. */
export const VERBS: Readonly<Record<VerbClass, string>> = {
  read: `list show get find search look look_up lookup fetch retrieve read browse view display see check tell give what
    which who when where why how summarize summarise count calculate compute compare sum total analyze analyse explain
    describe report export return query recommend suggest identify determine lookup pull pull_up discover explore
    bring inspect is are was were do does did has have can_i any rank track review watch know want need owe list_out
    figure_out work_out break_down fill_me_in brief inform enumerate scan monitor total_up add_up sum_up`,
  create: `create add make new log register record open schedule book plan set_up arrange write post insert submit file
    raise draft start place order issue enter note invite enroll enrol hire sign_up launch publish upload generate
    reserve request provision introduce save track_new put jot jot_down organize organise subscribe onboard buy
    purchase bill invoice charge remind leave take take_down`,
  update: `update change edit modify set put rename move reassign assign reschedule adjust correct fix amend replace
    increase decrease raise lower extend shift postpone mark switch convert promote patch bump push reprioritize
    label tag complete alter revise relocate transfer put_on turn`,
  delete: `delete remove discard erase drop cancel destroy clear withdraw unsubscribe revoke call_off trash purge
    unassign detach delist`,
  act: `send text close reopen resolve cancel approve reject pay refund ship archive unarchive activate deactivate enable
    disable complete finish start stop publish unpublish email message call remind notify confirm accept decline
    forward reply restock fulfil fulfill dispatch deliver merge lock unlock pause resume restart escalate void
    finalize finalise submit follow unfollow like star subscribe unsubscribe share invite deploy run trigger charge
    mark assign comment log renew suspend reset verify sign print sync`,
};
