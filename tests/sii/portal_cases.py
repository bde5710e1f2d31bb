"""A person who logs in and documents in the SII's own words, for the tests of the portal."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor, Referencia
from timbre.dte.rut import check_digit
from timbre.sii.gateway import Actividad, Contribuyente, Direccion, Login
from timbre.sii.portal.parties import settle
from timbre.sii.transport import Transport
from timbre.simulator.taxpayers import COMPANIES, Taxpayer

Connect = Callable[..., Transport]

ISSUER, RECEIVER = COMPANIES[0], COMPANIES[1]
PERSON = f"12345678-{check_digit(12345678)}"
LOGIN = Login(rut=PERSON, clave="clave-buena", certificate_password="certificado-bueno")


class Jar:
    """A session jar in memory that counts how often it is written."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.saves = 0

    def load(self) -> dict[str, str]:
        return dict(self.cookies)

    def save(self, cookies: Mapping[str, str]) -> None:
        self.cookies, self.saves = dict(cookies), self.saves + 1

    def left_behind(self) -> dict[str, str]:
        return {}


def emisor(known: Taxpayer = ISSUER) -> Emisor:
    place, activity = known.addresses[0], known.activities[0]
    return Emisor(
        rut=known.rut,
        razon_social=known.razon_social,
        giro=activity.glosa,
        acteco=activity.codigo,
        direccion=place.direccion,
        comuna=place.comuna,
        telefono="+56 2 2345 678",
        correo="ventas@ejemplo.cl",
    )


def receptor(known: Taxpayer = RECEIVER) -> Receptor:
    place = known.addresses[0]
    return Receptor(
        rut=known.rut,
        razon_social=known.razon_social,
        giro=known.activities[0].glosa[:40],
        direccion=place.direccion,
        comuna=place.comuna,
        ciudad=place.ciudad,
        contacto="María Núñez",
    )


def invoice(**changes: object) -> Documento:
    """A type 33 with everything the form has room for; ``changes`` replace fields."""
    documento = Documento(
        tipo=TipoDte.FACTURA,
        fecha_emision=date(2026, 3, 14),
        emisor=emisor(),
        receptor=receptor(),
        detalles=(
            Detalle(
                nombre="Asesoría «técnica» & capacitación",
                descripcion="Jornada <completa>, 8 horas",
                cantidad=Decimal("2.5"),
                precio=Decimal(100001),
                unidad="HRA",
                descuento_pct=Decimal("7.5"),
                codigo="AS-01",
                tipo_codigo="INT1",
            ),
            Detalle(nombre="Ñandú de peluche", cantidad=Decimal(3), precio=Decimal("1990.5")),
        ),
        referencias=(
            Referencia(tipo="801", folio="OC-778", fecha=date(2026, 3, 1), razon="Orden de compra"),
        ),
        forma_pago=FormaPago.CREDITO,
        fecha_vencimiento=date(2026, 4, 13),
    )
    return replace(documento, **changes)  # type: ignore[arg-type]


def exempt_invoice() -> Documento:
    return invoice(tipo=TipoDte.FACTURA_EXENTA, forma_pago=FormaPago.CONTADO, fecha_vencimiento=None)


def known(taxpayer: Taxpayer) -> Contribuyente:
    return Contribuyente(
        taxpayer.rut,
        taxpayer.razon_social,
        tuple(Direccion(a.direccion, a.comuna, a.ciudad, a.sucursal) for a in taxpayer.addresses),
        tuple(Actividad(a.codigo, a.glosa) for a in taxpayer.activities),
    )


def settled(documento: Documento) -> Documento:
    """The document in the words of the simulator's own taxpayers."""
    found = next((each for each in COMPANIES if each.rut == documento.receptor.rut), None)
    return settle(documento, known(ISSUER), known(found) if found else None)
