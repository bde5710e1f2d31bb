"""The fields of an export invoice (110) on the portal's form.

The sources say that they begin with ``EDFE_`` and no more. The names here are the SIMULATOR'S OWN: a 110 is
issued in the sandbox alone (``fitting``), never by a guess at the real SII.
Codes are the customs' own; ``nn`` runs from 01 to 03.
"""

from collections.abc import Iterator
from decimal import Decimal

from timbre.dte.document import Aduana, Bulto, Documento


def fill_export(documento: Documento) -> Iterator[tuple[str, str]]:
    """Currency, payment abroad, foreigner and customs; what is not said is posted blank."""
    for name, value in _said(documento):
        yield f"EDFE_{name}", _text(value)


def _said(documento: Documento) -> Iterator[tuple[str, object]]:
    receptor, transporte = documento.receptor, documento.transporte
    yield "MONEDA", documento.moneda.nombre
    yield "TIPO_CAMBIO", documento.moneda.tipo_cambio
    yield "FMA_PAG_EXP", documento.forma_pago_exportacion
    yield "IND_SERVICIO", documento.indicador_servicio
    yield "NUM_ID", receptor.id_extranjero
    yield "NACIONALIDAD", receptor.nacionalidad
    if transporte is not None and transporte.aduana is not None:
        yield from _customs(transporte.aduana)


def _customs(aduana: Aduana) -> Iterator[tuple[str, object]]:
    yield "MOD_VENTA", aduana.modalidad
    yield "CLAU_VENTA", aduana.clausula
    yield "TOT_CLAU_VENTA", aduana.total_clausula
    yield "VIA_TRANSP", aduana.via
    yield "PTO_EMBARQUE", aduana.puerto_embarque
    yield "PTO_DESEMB", aduana.puerto_desembarque
    yield "PESO_BRUTO", aduana.peso_bruto
    yield "UNID_PESO_BRUTO", aduana.unidad_peso_bruto
    yield "PESO_NETO", aduana.peso_neto
    yield "UNID_PESO_NETO", aduana.unidad_peso_neto
    yield "TOT_BULTOS", aduana.total_bultos
    for number, bulto in enumerate(aduana.bultos, start=1):
        yield from _package(f"{number:02d}", bulto)
    yield "FLETE", aduana.flete
    yield "SEGURO", aduana.seguro
    yield "PAIS_RECEP", aduana.pais_receptor
    yield "PAIS_DESTIN", aduana.pais_destino


def _package(number: str, bulto: Bulto) -> Iterator[tuple[str, object]]:
    yield f"TPO_BULTO_{number}", bulto.tipo
    yield f"CANT_BULTO_{number}", bulto.cantidad
    yield f"MARCAS_{number}", bulto.marcas
    yield f"CONTAINER_{number}", bulto.contenedor
    yield f"SELLO_{number}", bulto.sello
    yield f"EMISOR_SELLO_{number}", bulto.emisor_sello


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
