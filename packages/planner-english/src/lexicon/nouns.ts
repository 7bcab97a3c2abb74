/**
 * Nouns of business, software services and everyday life: one line a concept, its words apart by spaces, words of more
 * than one part joined by `_`. A word may stand in several lines; lines are not merged.
 */
export const NOUNS = `
staff crew cast actor director manager
account customer client company organization organisation business firm buyer patron corporation enterprise trading_partner business_partner client_company corporate_customer business_account party purchaser
customer shopper consumer buyer client purchaser guest patron
company organization organisation corporation business firm enterprise employer vendor agency institution studio
deal opportunity prospect negotiation sales_opportunity pipeline_item potential_sale business_opportunity sales_deal sales_lead open_sale pursuit bid tender transaction
deal contract agreement engagement
student pupil learner
sale revenue turnover booking income proceeds earnings takings receipts gross sales_figure sold_item invoiced_sale sales_volume gross_income
revenue turnover income proceeds earnings takings sales topline
region territory area market zone district geography province locale geo
city town municipality
location place site venue spot address whereabouts where
address location street residence headquarters
quarter fiscal_quarter period
period timeframe reporting_period time_range interval span quarter term timespan
date day time when datetime
time hour clock moment when
duration length minutes runtime period
start begin from since beginning commence onset kickoff opening first
end finish until till through ending completion close last
deadline due due_date due_at expiry cutoff
owner rep representative assignee responsible account_manager sales_rep holder agent salesperson seller handler person_in_charge lead custodian steward sales_person relationship_manager account_executive
assignee owner responsible assigned_to handler agent assigned
user team_member employee colleague staff person member staff_member coworker teammate personnel agent member_of_staff person_in_charge operator
user member account_holder subscriber participant person login
employee staff worker personnel coworker colleague associate crew_member hire workforce
contact person individual contact_person people human human_being
author writer creator poster created_by
reporter requester submitter opened_by raised_by creator author
reviewer approver checker
activity interaction engagement event touchpoint log_entry action communication occurrence contact_event
activity history log timeline feed journal record
event meeting appointment occasion happening gathering calendar_entry calendar_event calendar_item session
meeting appointment conference sync session get_together standup call event
appointment booking reservation slot visit
reservation booking hold
call phone_call phone telephone ring dial conversation telephony voice_call telephone_call telephone_conversation
email mail e_mail message electronic_mail
message note text chat sms dm
message post comment reply
reminder alert nudge
task todo to_do action_item job chore assignment
task activity work_item
issue ticket bug case problem defect incident fault story task
ticket case issue support_request support_case request service_request incident inquiry
bug defect error fault problem
label tag category keyword
category kind type group class genre section
comment remark note reply annotation feedback
notes comment remark annotation memo observation description note details
description details summary text body about overview explanation synopsis plot
summary overview recap digest synopsis report
subject topic headline title heading summary theme
title name headline heading caption label
name title label called display_name full_name named
body content text message
image picture photo photograph poster cover logo artwork thumbnail avatar profile_picture icon
review rating critique feedback opinion testimonial assessment
rating score stars rank vote grade mark
release_date released publication_date
invoice bill statement billing charge receipt
payment transaction remittance settlement charge transfer payout
credit_note refund credit credit_memo
order purchase sales_order purchase_order
product item offering article good merchandise sku goods service ware commodity
item entry element thing object record row
stock inventory quantity available remaining
balance remainder remaining
shipment delivery consignment parcel package shipping dispatch
price cost amount rate charge fee unit_price value
amount value worth sum price cost size total volume figure money
total sum grand_total overall aggregate whole amount
total count total_count number quantity hits matches how_many
quantity count number qty amount units pieces how_many
fee charge commission
stage phase pipeline_step step status
status state condition stage phase progress
priority urgency importance severity
severity priority impact level
website homepage web_address url site web_page web_site webpage home_page domain link
url link address web_address href uri
phone telephone phone_number mobile cell tel
email email_address mail_address mail
id identifier key ref reference code number uuid guid handle slug no
code key abbreviation short_name
role position job title function
job position vacancy role opening
schedule timetable agenda calendar scheduled_at
vehicle car automobile
device equipment hardware gear
film movie
capacity fit
contact talk speak interaction conversation
strength strong alcohol abv
weight heavy weigh
height tall high
age old born birth
length long
price fee charge cost rent fare rate
`;
