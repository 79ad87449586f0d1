"""Names, goods and sentences of the demo: made up here, nobody's."""

from __future__ import annotations

from typing import NamedTuple

FIRST_NAMES = {
    "uk-retail": (
        *("Nora", "Alfie", "Imogen", "Callum", "Priya", "Rhys", "Esme", "Tariq", "Freya", "Gwen", "Lewis", "Maeve"),
        *("Hamish", "Zara", "Edwin", "Poppy", "Niall", "Bronwen", "Omar", "Tilda"),
    ),
    "us-dtc": (
        *("Jasmine", "Wyatt", "Marisol", "Trent", "Keisha", "Hank", "Luz", "Darnell", "Paige", "Mateo", "Skye", "Bo"),
        *("Renata", "Cody", "Aaliyah", "Grant", "Noelle", "Dwayne", "Ivy", "Emilio"),
    ),
    "eu-saas": (
        *("Lotte", "Jérôme", "Anneke", "Matteo", "Ingrid", "Pavel", "Chiara", "Jonas", "Élise", "Rafał", "Sanne"),
        *("Dimitra", "Lucía", "Henrik", "Katarzyna", "Bruno", "Oksana", "Tomás", "Greta", "Aoife"),
    ),
}
LAST_NAMES = {
    "uk-retail": (
        *("Finch", "Ashworth", "Pendle", "Kaur", "Oakden", "Merriweather", "Llewellyn", "Begum", "Thackeray", "Bryce"),
        *("Holloway", "Quigley", "Fairburn", "Musgrove", "Adeyemi", "Cartwright", "Penrose", "Lockhart"),
    ),
    "us-dtc": (
        *(
            "Calloway",
            "Reyes",
            "Whitfield",
            "Nguyen",
            "Brandywine",
            "Okoro",
            "Delgado",
            "Hartley",
            "Kowalczyk",
            "Pruitt",
        ),
        *("Castellano", "Beaumont", "Yazzie", "Strickland", "Moreau", "Tran", "Vandermeer", "Lockwood"),
    ),
    "eu-saas": (
        *("van Dalen", "Moreau", "Lindgren", "Rossetti", "Kovács", "Brandt", "Silva", "Nowak", "Papadaki", "Dupont"),
        *("Hoffmann", "Eriksen", "Navarro", "Vlček", "Byrne", "Keller", "Ionescu", "Janssens"),
    ),
}
COUNTRIES = {
    "uk-retail": ("GB", "GB", "GB", "GB", "GB", "GB", "IE"),
    "us-dtc": ("US", "US", "US", "US", "US", "CA"),
    "eu-saas": ("DE", "FR", "NL", "IT", "ES", "PL", "SE", "AT"),
}

ALIASES = {
    "us-dtc": {
        -4: ("Jess Carver", "jess.carver@example.com"),
        -5: ("J. Carver", "Jess.Carver+shoes@example.com"),
        -6: ("Jessica Carver", "jess.carver+2@example.com"),
    }
}
"""Accounts of one person, by their place in the list of customers: name and e-mail address."""

LANGUAGES = {"DE": "de", "AT": "de-AT", "FR": "fr", "NL": "nl", "IT": "it", "ES": "es", "PL": "pl", "SE": "sv"}
"""What the shop tells of a customer's language, by country; English elsewhere."""


class Product(NamedTuple):
    """Something to sell: what it is called, where it stands, what one piece costs in minor units."""

    sku: str
    title: str
    category: str
    price_minor: int


_GOODS = (
    ("Enamel milk jug", "kitchen", 795),
    ("Beeswax candle, pair", "home", 425),
    ("Felt bunting, 3 m", "party", 295),
    ("Paper straws, 50", "party", 165),
    ("Oak serving board", "kitchen", 2450),
    ("Wool blanket, grey", "home", 4900),
    ("Storm lantern", "garden", 1650),
    ("Seed tin, herbs", "garden", 210),
    ("Linen apron", "kitchen", 1895),
    ("Wind chime, brass", "garden", 1275),
    ("Gift wrap, botanical", "stationery", 85),
    ("Pocket notebook", "stationery", 345),
    ("Wall clock, tin", "home", 3200),
    ("Doorstop, hedgehog", "home", 1150),
    ("Picnic basket for four", "outdoor", 5600),
    ("Garden bench, teak", "garden", 18900),
    ("Display cabinet, glazed", "furniture", 42500),
    ("Shop counter, reclaimed", "furniture", 96000),
)
_CONSUMER = (
    ("Trail running shoe", "shoes", 12900),
    ("Everyday tee, organic", "clothing", 2800),
    ("Down vest", "clothing", 14500),
    ("Merino beanie", "clothing", 3200),
    ("Insulated bottle", "outdoor", 3450),
    ("Commuter backpack", "bags", 11800),
    ("Yoga mat, cork", "fitness", 7900),
    ("Resistance bands", "fitness", 1900),
    ("Desk lamp, dimmable", "home", 6400),
    ("Noise-cancelling headphones", "electronics", 24900),
    ("Smart scale", "electronics", 8900),
    ("Espresso machine", "kitchen", 64900),
    ("Standing desk", "furniture", 58900),
    ("Electric bike", "outdoor", 189900),
    ("Phone case", "electronics", 1500),
    ("Face serum", "beauty", 4200),
)
_PLANS = (
    ("Starter plan, one month", "plan", 900),
    ("Starter plan, one year", "plan", 9000),
    ("Team plan, one month, per seat", "plan", 1400),
    ("Team plan, one year, per seat", "plan", 14000),
    ("Business plan, one month", "plan", 24900),
    ("Business plan, one year", "plan", 249000),
    ("Extra storage, 100 GB", "add-on", 500),
    ("Onboarding session", "service", 32000),
    ("Priority support, one year", "add-on", 88000),
)


def _numbered(prefix: str, goods: tuple[tuple[str, str, int], ...]) -> tuple[Product, ...]:
    return tuple(Product(f"{prefix}-{place:03}", *told) for place, told in enumerate(goods, start=1))


PRODUCTS = {
    "uk-retail": _numbered("HG", _GOODS),
    "us-dtc": _numbered("DC", _CONSUMER),
    "eu-saas": _numbered("SB", _PLANS),
}

NOTES = {
    "damaged": ("Arrived with a crack along one side.", "The box was crushed and the contents with it."),
    "not_as_described": ("The colour is not the one on the page.", "Smaller than the page says."),
    "wrong_item": ("We sent another size.", "A different product was in the box."),
    "not_received": ("The carrier says delivered, the customer has nothing.", "Tracking has not moved for two weeks."),
    "late_delivery": ("Needed it for a party that is over.", "Came nine days after the promised date."),
    "changed_mind": ("No longer needed.", "Bought two to compare, keeps one.", "Does not fit the room."),
    "duplicate_charge": ("Two charges of the same amount on the statement.",),
    "billing_error": ("Was charged for seats removed last month.", "The annual price was charged for a monthly plan."),
    "service_outage": ("Could not use the service on the day of the outage.",),
    "cancelled_subscription": (
        "Cancelled before the renewal, charged all the same.",
        "The account was closed in time.",
    ),
    "fraudulent": ("The card holder says it was not her.",),
    "other": ("Asked by telephone; details in the chat.",),
}
QUESTIONS = (
    "Could you attach a photo of the label on the parcel?",
    "Which of the two charges does the customer mean?",
    "Did the customer keep the original packaging?",
    "What date does the carrier give for the delivery?",
)
APPROVAL_RATIONALES = (
    "Checked against order {order} and the photos; this is ours to make good.",
    "Customer of long standing, the amount matches what came back of {order}.",
    "The carrier confirms the loss of {order}, paying back in full.",
    "The goods of {order} are back in the warehouse and fit for sale.",
)
HASTY_RATIONALE = "Looks fine to me."
LOWERED_RATIONALE = "One piece of {order} came back used; paying for the rest only."
DECLINE_RATIONALES = (
    "The goods were used for weeks; nothing supports a fault.",
    "Outside the window without a cause we could accept.",
    "The same parcel was paid for in an earlier request.",
)
GRANT_RATIONALES = (
    "The parcel reached the customer late, so the days were not theirs to use.",
    "The fault showed only in use; keeping the customer is worth more than the rule.",
    "The customer wrote within the window, the answer was late on our side.",
)
