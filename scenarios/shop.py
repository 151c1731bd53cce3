"""The shop in which the journeys of the Braze integration play: its tenant, its messages, its campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COFFEE = "1a2b3324-1da6-4e49-b921-afc386dabb60"
POINTS = "10000000-0000-4000-8000-000000000001"
STORE, REWARD = "6e4b2c1a-0d3f-4a5b-8c7d-9e0f1a2b3c4d", "0f1e2d3c-4b5a-4697-8877-665544332211"
TENANT: Mapping[str, Any] = {
    "point_accounts": [{"id": POINTS, "name": "Points"}],
    "tiers": [{"name": "Silver", "points": 100}],
    "offers": [
        {
            "id": COFFEE,
            "offer_type": "manual_fulfillment",
            "title": "A coffee on us",
            "texts": {"de-DE": {"title": "Ein Kaffee auf uns"}},
            "expires_after": "30d",
        }
    ],
    "reward_stores": [{"id": STORE, "offers": [{"id": REWARD, "offer_id": COFFEE, "price": 60}]}],
    "events": {"defined": ["purchase", "visit_store"]},
    "profile_attributes": {"names": ["FavoriteStore"]},
}
WEBHOOK: Mapping[str, Any] = {
    "url": "{{endpoint_core}}/priv/v1/apps/{{appkey_core}}/users/{{${user_id}}}/tags",
    "method": "POST",
    "headers": {"Content-Type": "application/json", "Authorization": " Basic YOUR-ENCODED-STRING-KEY"},
    "body": '{"tags": ["braze_test"], "ttl": 2592000}',
}
"""The webhook of document 003, with its leading space."""
WALLET = """{% capture postbody %}
{"retailer_id":"YOUR-RETAIL-ID","user_id":"{{${user_id}}}","skip":0,"take":1000,"include_pending_extended_data":false,"culture":"en-US"}
{% endcapture %}

{% connected_content
     {{endpoint_connect}}/offers/api/2.0/offers/get_user_offers
:method post
:headers {
       "Content-Type": "application/json",
       "Authorization": "Basic YOUR-BASE64-ENCODED-KEY"
  }
     :body {{postbody}}
     :save wallet
%}"""
"""The Connected Content of document 003: a fixture, read at braze-sessionm#step-2-call-sessionm-offer-wallet-api."""
VARIANT = {"name": "Braze", "groups": ["offer", "points", "event", "campaign"]}
TAGGED: Mapping[str, Any] = {
    "message_variants": [VARIANT],
    "campaigns": [
        {
            "id": "for-the-segment",
            "name": "For the segment",
            "trigger": {"event": "purchase"},
            "conditions": [{"tag": "braze_test"}],
            "repeats": True,
            "outcomes": [{"offer": COFFEE}, {"message": "Braze"}],
            "advanced_settings": {"braze_campaign_id": "offer-awarded"},
        }
    ],
    "braze": {
        "campaigns": [
            {
                "id": "offer-awarded",
                "message": "{{${first_name}}}: {{api_trigger_properties.${offer_title}}}, "
                "for {{api_trigger_properties.${sku}}}",
            }
        ]
    },
}
PROMOTION: Mapping[str, Any] = {
    "message_variants": [VARIANT],
    "campaigns": [
        {
            "id": "two-visits",
            "name": "Two visits",
            "trigger": {"event": "visit_store"},
            "goal": 2,
            "progress_outcomes": [{"message": "Braze"}],
            "outcomes": [{"points": 50}, {"message": "Braze"}],
            "advanced_settings": {"braze_campaign_id": "visits"},
        }
    ],
    "braze": {"campaigns": [{"id": "visits", "message": "points: {{api_trigger_properties.${point_award_amount}}}"}]},
}


def _variant_for(name: str, properties: str) -> dict[str, Any]:
    return {**VARIANT, "name": name, "target": "canvas", "canvas_properties": properties}


def _message_by(name: str, event: str) -> dict[str, Any]:
    return {
        "id": f"by-{name}",
        "trigger": {"event": event},
        "repeats": True,
        "outcomes": [{"points": 5}, {"message": name}],
        "advanced_settings": {"braze_campaign_id": "welcome"},
    }


CANVASES: Mapping[str, Any] = {
    "message_variants": [_variant_for("Context", "context"), _variant_for("Trap", "trigger_properties")],
    "campaigns": [_message_by("Context", "purchase"), _message_by("Trap", "visit_store")],
    "braze": {
        "canvases": [
            {
                "id": "welcome",
                "message": "{{context.${point_award_amount}}}/{{canvas_entry_properties.${point_award_amount}}}"
                "/{{api_trigger_properties.${point_award_amount}}}",
            }
        ]
    },
}
BROADCAST: Mapping[str, Any] = {
    "message_variants": [{**VARIANT, "broadcast": True}],
    "campaigns": [
        {
            "id": "news",
            "trigger": {"at": "2026-01-02T09:00:00Z"},
            "outcomes": [{"message": "Braze"}],
            "advanced_settings": {"braze_campaign_id": "news"},
        }
    ],
    "braze": {
        "campaigns": [{"id": "news", "segment": "gold", "message": "News for {{${first_name}}}"}],
        "segments": [{"name": "gold", "external_ids": ["one"]}],
        "users": [
            {"external_id": "one", "first_name": "Grace"},
            {"external_id": "two", "first_name": "Edsger"},
        ],
    },
}
MESSAGE: Mapping[str, Any] = {
    "message_variants": [VARIANT],
    "campaigns": [
        {
            "id": "statement",
            "trigger": {"event": "purchase"},
            "repeats": True,
            "outcomes": [{"points": 10}, {"message": "Braze"}],
            "advanced_settings": {"braze_campaign_id": "statement"},
        }
    ],
    "braze": {
        "campaigns": [
            {
                "id": "statement",
                "message": WALLET
                + "{% if wallet.payload == nil %}{% abort_message('no wallet') %}{% endif %}"
                + "You have {{wallet.payload.available_points}} points.",
            }
        ]
    },
}
FED: Mapping[str, Any] = {"feed": {"environment": "development"}, "events": {"defined": ["tag"]}}
