"""What is wrong with a document before it costs a folio: all of it at once, in the caller's own field names.

Refused is only what the SII is known to reject or its format forbids (sii-protocols 1.2 to 1.11); whatever
else is doubtful warns, unless the operator enforces it. What one way to the SII cannot carry is told apart.
"""

from timbre.dte.rules.features import FEATURES, Feature
from timbre.dte.rules.gateways import (
    PORTAL,
    PORTAL_PRODUCTION,
    Capabilities,
    annulled,
    judge_gateway,
)
from timbre.dte.rules.judging import CATALOGUE, WARNINGS, judge, judge_document
from timbre.dte.rules.listing import listed
from timbre.dte.rules.notes import (
    ANNULMENT_DIFFERS,
    BESIDE_THE_ORIGINAL,
    RECEIVER_DIFFERS,
    judge_annulment,
    judge_receiver,
)
from timbre.dte.rules.rule import Case, Criteria, Level, Listed, Rule

__all__ = [
    "ANNULMENT_DIFFERS",
    "BESIDE_THE_ORIGINAL",
    "CATALOGUE",
    "FEATURES",
    "PORTAL",
    "PORTAL_PRODUCTION",
    "RECEIVER_DIFFERS",
    "WARNINGS",
    "Capabilities",
    "Case",
    "Criteria",
    "Feature",
    "Level",
    "Listed",
    "Rule",
    "annulled",
    "judge",
    "judge_annulment",
    "judge_document",
    "judge_gateway",
    "judge_receiver",
    "listed",
]
