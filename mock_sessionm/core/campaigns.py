"""Campaigns over the wire: all of them in pages, and those that are open to one customer as tiles.

What stands in an answer is what public clients read (source: sessionm-clients#campaigns).
"""

from __future__ import annotations

from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.campaigns.definition import Campaign
from mock_sessionm.clock import moment
from mock_sessionm.surface import View

from .subject import subject, tenant_of


def list_campaigns(call: Call) -> dict[str, Any]:
    """One page of every campaign of the tenant, in the order of its file; `sections` changes nothing here."""
    tenant = tenant_of(call)
    campaigns = tenant.campaigns.campaigns
    size = int(tenant.choice("campaigns-page-size"))
    page = int(dict(call.query).get("page", "1"))
    first = (page - 1) * size if "sessionm.campaigns-paged" in tenant.behaviours else 0
    return {
        "page": page,
        "page_size": size,
        "number_of_pages": max(-(-len(campaigns) // size), 1),
        "campaigns": [_tile(one) for one in campaigns[first : first + size]],
    }


def customer_campaigns(call: Call) -> dict[str, Any]:
    """The campaigns that run now and are about the customer, each with how far the customer is."""
    tenant, customer = tenant_of(call), subject(call)
    upper = tenant.choice("campaign-states") == "upper-case"
    tiles = []
    found = tenant.campaigns.campaigns
    if "sessionm.campaign-tiles" in tenant.behaviours:
        found = tuple(tenant.campaigns.open_to(customer))
    for campaign in found:
        state: str = tenant.campaigns.state(campaign, customer)
        tiles.append({**_tile(campaign), "progress": {"state": state.upper() if upper else state}})
    return {"campaigns": {"tiles": tiles}}


def _tile(campaign: Campaign) -> dict[str, Any]:
    made: dict[str, Any] = {"campaign_id": campaign.id, "name": campaign.name}
    if campaign.starts is not None:
        made["start_date"] = moment(campaign.starts)
    if campaign.ends is not None:
        made["end_date"] = moment(campaign.ends)
    made["custom_payload"] = dict(campaign.custom)
    if campaign.template:
        made["template"] = dict(campaign.template)
    return made


VIEWS: dict[str, View] = {
    "listCampaigns": list_campaigns,
    "getCustomerCampaigns": customer_campaigns,
    "getCustomerCampaignsByExternalId": customer_campaigns,
}
