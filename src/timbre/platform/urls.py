"""Every address of the platform. What belongs to an environment has it as the first word."""

from django.urls import include, path, register_converter

from timbre.platform.account import urls as account
from timbre.platform.audit import urls as audit
from timbre.platform.batches import urls as batches
from timbre.platform.companies import urls as companies
from timbre.platform.developers import urls as developers
from timbre.platform.documents import urls as documents
from timbre.platform.environments import EnvironmentConverter
from timbre.platform.events import urls as events
from timbre.platform.hooks import urls as hooks
from timbre.platform.keys import urls as keys
from timbre.platform.start import urls as start

register_converter(EnvironmentConverter, "environment")

inside = [
    *start.inside,
    *companies.inside,
    *documents.inside,
    *batches.inside,
    *hooks.inside,
    *events.inside,
    *keys.inside,
    *developers.inside,
    *audit.inside,
    *account.inside,
]

urlpatterns = [*start.outside, *account.outside, path("<environment:environment>/", include(inside))]
