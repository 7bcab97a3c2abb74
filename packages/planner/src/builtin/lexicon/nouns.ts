/**
 * Nouns of business, software services and everyday life: one line a concept, its words apart by spaces, words of more
 * than one part joined by `_`. A word may stand in several lines; lines are not merged.
 */
export const NOUNS = `
account customer client company organization organisation business
customer shopper buyer client guest
student pupil learner
user member person people employee staff worker colleague
staff crew cast actor director manager
owner assignee responsible agent representative
meeting appointment session call event
call phone phone_call telephone
phone phone_number telephone mobile
email mail message email_address
message note comment remark text
description details summary text overview
issue ticket bug problem defect incident
task todo job
invoice bill
payment transaction
order purchase
product item article goods
price cost amount value total sum revenue
rating score review vote
category kind type genre group
label tag
status state stage phase
priority urgency severity
image picture photo poster logo
date day time when
place location city venue address where
id identifier number code key
name title
url link website homepage
`;
