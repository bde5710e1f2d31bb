from django.db import migrations, models

NOTAS = (56, 61, 111, 112)
ANULA = "ANULA DOCUMENTO DE LA REFERENCIA"
AT_ONCE = 500


def write_codes(apps, schema_editor):
    """What the notes of before said, from what was asked; folios without the zeros before them."""
    references = apps.get_model("issuing", "Reference").objects
    changed = []
    for each in references.select_related("document").iterator(AT_ONCE):
        each.codigo, each.folio = _code(each), each.folio.lstrip("0") or "0"
        changed.append(each)
        if len(changed) == AT_ONCE:
            references.bulk_update(changed, ["codigo", "folio"])
            changed = []
    references.bulk_update(changed, ["codigo", "folio"])


def _code(reference):
    document = reference.document
    if document.tipo not in NOTAS:
        return None
    for each in document.request.get("references") or ():
        named = str(each["dte_type_code"]), str(each["reference_folio"])[:18].lstrip("0")
        if named == (reference.tipo, reference.folio.lstrip("0")):
            annuls = each.get("reference_reason") == ANULA
            return int(each.get("correction_code") or (1 if annuls else 0)) or None
    return None


class Migration(migrations.Migration):
    dependencies = [("issuing", "0007_drafts")]

    operations = [
        migrations.AddField(
            model_name="reference",
            name="codigo",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.RunPython(write_codes, migrations.RunPython.noop),
    ]
