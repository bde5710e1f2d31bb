"""Looking for a taxpayer by a piece of its name, or by the beginning of its RUT."""

from django.db.models import Q


def names(name_field: str, rut_field: str, text: str) -> Q:
    """The condition for ``text``. SQLite folds ASCII alone: Ñ and Á are tried as people write them."""
    text = text.strip()
    wanted = Q(**{f"{rut_field}__startswith": text.replace(".", "").upper()})
    for written in {text, text.upper(), text.lower(), text.title()}:
        wanted |= Q(**{f"{name_field}__icontains": written})
    return wanted
