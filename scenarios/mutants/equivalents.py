"""Mutants that are none: what nobody could tell from the fake as it is, each with a reason.

A pattern stands for ids, with the rule in front of them or without it, `*` for any part. A test holds each of
them to be made otherwise, and to be found out by no scenario near to it: a pattern that is needed no more must go.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache

REFUSALS_ALONE = "stands in refusals alone, whose code and text have mutants of their own"
NOT_KEPT = "speaks of what was not kept, and is told by that"
NO_TEXTS = "a culture chooses among texts, and what this answers has none"
KEPT_NOWHERE = "is taken and kept nowhere: no document says what comes of it"
ALWAYS_NULL = "is null in every answer, since no document says when it is not"
ALWAYS_ALONE = "has one entry or none in every answer"
ALIKE = "is compared with another one, which is changed alike"
SET_UP = "answers what is set up, which no call changes"
UNMOVED = "in its stories time passes only to show that the order, or the count, does not depend on it"
DAYS = "in its stories days and years pass, of which an hour changes nothing"
NO_SHAPE = "a request without body and parameters has no shape that could be wrong"
NOBODY = "names no customer"
ELSEWHERE = "comes where a parameter asks for it, and this operation has none"

EQUIVALENT: Mapping[str, str] = {
    "answer~*~errors.*": REFUSALS_ALONE,
    "answer~*User*~message~*": NOT_KEPT,
    "answer~*Offer*~message~*": NOT_KEPT,
    "answer~*Tags*~message~*": NOT_KEPT,
    "answer~manualRedeem~message~*": NOT_KEPT,
    "answer~postEvents*~message~*": NOT_KEPT,
    "given~*Points*~culture~*": NO_TEXTS,
    "given~*PointBalances~culture~*": NO_TEXTS,
    "given~getUserProgress~culture~*": NO_TEXTS,
    "given~moveUser~culture~*": NO_TEXTS,
    "given~qualifyUser~culture~*": NO_TEXTS,
    "given~triggerUserEvent~culture~unread": NO_TEXTS,
    "given~lockOffer~culture~*": NO_TEXTS,
    "given~unlockOffer~culture~unread": NO_TEXTS,
    "given~redeemOffer~culture~*": NO_TEXTS,
    "given~reinstateOffer~culture~*": NO_TEXTS,
    "given~*~auto_claim~*": KEPT_NOWHERE,
    "given~*.rank~*": KEPT_NOWHERE,
    "given~*.overdraft_id~*": KEPT_NOWHERE,
    "given~*.overdraft_timestamp~*": KEPT_NOWHERE,
    "given~spendPoints~parallel_mode~*": KEPT_NOWHERE,
    "given~spendPoints~spend_details.[*].id~*": KEPT_NOWHERE,
    "given~triggerUserEvent~include_progress~*": KEPT_NOWHERE,
    "given~getRewardStoreOffers~quantity~*": KEPT_NOWHERE,
    "given~getRewardStoreOffers~sort_direction~other": "is read by its first letter, and only its last one is changed",
    "given~*Offer~client_id~other": KEPT_NOWHERE,
    "given~reinstateOffer~store_id~other": KEPT_NOWHERE,
    "given~*Offer~request_payload.employee_id~other": KEPT_NOWHERE,
    "given~redeemOffer~request_payload.transaction.*": KEPT_NOWHERE,
    "given~revokeOffer~reason~*": "is kept beside the user offer, which nobody is shown any more",
    "given~postBatch~api_key~*": KEPT_NOWHERE,
    "given~postBatch~application_info*": KEPT_NOWHERE,
    "given~postBatch~device_info*": KEPT_NOWHERE,
    "given~postBatch~audiences*": KEPT_NOWHERE,
    "given~postBatch~created_at_unixtime~*": KEPT_NOWHERE,
    "given~postBatch~timestamp_unixtime_ms~*": KEPT_NOWHERE,
    "given~postBatch~type~*": KEPT_NOWHERE,
    "given~postBatch~events.[*].data.event_id~*": KEPT_NOWHERE,
    "given~postBatch~environment~unread": KEPT_NOWHERE,
    "given~postBatch~events.[*].data.source_message_id~other": ALIKE,
    "given~send*~*attributes._timestamp~other": ALIKE,
    "given~send*~*cio_relationships.[*].identifiers.anonymous_id~other": "names somebody who is not known yet",
    "given~send*~*attributes.cio_relationships~*": "is an attribute like any other in this version",
    "given~trackEvent~anonymous_id~*": "means nothing where the person is named",
    "given~triggerCampaign~attachments.*": KEPT_NOWHERE,
    "answer~*.next_maintenance_eval_date~other": ALWAYS_NULL,
    "answer~*.parent_id~other": ALWAYS_NULL,
    "answer~*.redeem_date~other": "is null until the offer is redeemed, and then the offer is no more shown",
    "answer~purchaseOffer~*.custom_data~other": ALWAYS_NULL,
    "answer~*~grouping_field~other": ALWAYS_NULL,
    "answer~*.contexts~reversed": ALWAYS_ALONE,
    "answer~*.rules~reversed": ALWAYS_ALONE,
    "answer~*.tier_progress~reversed": ALWAYS_ALONE,
    "answer~depositPoints*.lines~reversed": ALWAYS_ALONE,
    "answer~listCampaigns~campaigns.[*].progress*": "is of one customer, and the list is of nobody",
    "answer~deleteUser*~user.identifiers*": ELSEWHERE,
    "answer~deleteUser*~user.user_profile*": ELSEWHERE,
    "answer~listUsers~users.[*].identifiers*": ELSEWHERE,
    "answer~listUsers~users.[*].user_profile*": ELSEWHERE,
    "answer~createUser~user.tier_details*": ELSEWHERE,
    "answer~updateUser*~user.tier_details*": ELSEWHERE,
    "answer~deleteUser*~user.tier_details*": ELSEWHERE,
    "answer~listUsers~users.[*].tier_details*": ELSEWHERE,
    "answer~triggerCampaign~notice~*": "is told of Canvases alone",
    "answer~triggerCanvas~send_id~*": "is told to whoever sent one, which only calls for campaigns do",
    "answer~trigger*~errors~*": REFUSALS_ALONE,
    "answer~triggerUserEvent~payload.user_event.id~other": "is made for this answer, and no other call tells it",
    "sessionm.contract~gone~deleteUser*": NO_SHAPE,
    "sessionm.contract~gone~getTags*": NO_SHAPE,
    "sessionm.contract~gone~getCustomerCampaigns*": NO_SHAPE,
    "customerio.contract~gone~deletePerson": NO_SHAPE,
    "customerio.contract~gone~*suppressPerson": NO_SHAPE,
    "customerio.contract~gone~deleteDevice": NO_SHAPE,
    "customerio.contract~gone~findRegion": NO_SHAPE,
    "customerio.region~gone~findRegion": "is how one finds the region, and is asked anywhere",
    "sessionm.user-exists~gone~createUser": NOBODY,
    "sessionm.user-exists~gone~list*": NOBODY,
    "sessionm.connect-user-exists~gone~fetchOffersDetails": NOBODY,
    "sessionm.connect-user-exists~gone~revokeOffer": NOBODY,
    "sessionm.connect-user-exists~gone~getRewardStoreOffers": NOBODY,
    "stale~findRegion": SET_UP,
    "stale~listCampaigns": SET_UP,
    "braze.webhook-no-redirects~table~*": "says what a fake without the rule would follow, and only that fake asks",
    "sessionm.message-offer-group~table~fields.[035].*": "is spelt as it is named, with the table or without it",
    "sessionm.counter-tag~clock-*": UNMOVED,
    "sessionm.history-order~clock-*": UNMOVED,
    "sessionm.wallet-order~clock-*": UNMOVED,
    "sessionm.spend-accounts~clock-*": UNMOVED,
    "sessionm.audit-types~clock-late": DAYS,
    "sessionm.under-age~clock-late": DAYS,
}
"""Pattern of an id, with its rule or without it -> why it is no mutant."""


@cache
def why_not(id_: str) -> str:
    """Why a mutant of this id is none; empty where it is one."""
    return next((reason for pattern, reason in EQUIVALENT.items() if fits(id_, pattern)), "")


def fits(id_: str, pattern: str) -> bool:
    """Whether an id, with its rule or without it, is one of those that a pattern stands for."""
    return fnmatchcase(id_, pattern) or fnmatchcase(id_.partition("~")[2], pattern)
