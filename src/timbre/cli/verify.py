"""`timbre verify`: judges files of tax documents and says in Spanish what is wrong with them."""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from timbre.dte.codes import NOMBRES
from timbre.dte.verify import MAX_BYTES, Finding, Judged, Report, Severity, verify

_MARKS = {Severity.ERROR: "[red]✗[/]", Severity.WARNING: "[yellow]![/]", Severity.NOTE: "[dim]·[/]"}
_VALID, _INVALID, _UNREADABLE = 0, 1, 2
_NAMES = {str(tipo.value): name for tipo, name in NOMBRES.items()}


@click.command(help="Revisa archivos XML de documentos tributarios: DTE, EnvioDTE, EnvioBOLETA o SetDTE.")
@click.argument("files", nargs=-1, required=True, metavar="ARCHIVO...", type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> None:
    """Exits 0 when all is in order, 1 when a document has an error, 2 when a file cannot be read."""
    console = Console(highlight=False)
    sys.exit(max(_tell(console, path) for path in files))


def _tell(console: Console, path: Path) -> int:
    try:
        with path.open("rb") as file:
            report = verify(file.read(MAX_BYTES + 1))
    except OSError as error:
        console.print(f"[bold]{_plain(str(path))}[/]: no se puede leer ({error.strerror})")
        return _UNREADABLE
    console.print(f"[bold]{_plain(str(path))}[/]  {_plain(report.kind)}  {_verdict(report)}")
    _list(console, report.findings)
    for document in report.documents:
        console.print(_head(document))
        _list(console, document.findings)
    if not report.is_readable:
        return _UNREADABLE
    return _VALID if report.is_valid else _INVALID


def _verdict(report: Report) -> str:
    if not report.is_readable:
        return "[red]no es un archivo que se pueda revisar[/]"
    bad = sum(1 for document in report.documents if not document.is_valid)
    if report.is_valid:
        return f"[green]en orden[/] (documentos: {len(report.documents)})"
    return f"[red]con errores[/] (documentos: {len(report.documents)}, con errores: {bad})"


def _head(document: Judged) -> str:
    name = _NAMES.get(document.tipo, f"Tipo {document.tipo or 'desconocido'}")
    parties = f"de {document.emisor} a {document.receptor}"
    told = f"{name} N° {document.folio or '?'} {parties}, total {document.total}"
    signer = f", firma {document.firmante}" if document.firmante else ""
    return f"  [bold]{_plain(told)}[/]{_plain(signer)}"


def _list(console: Console, findings: tuple[Finding, ...]) -> None:
    table = Table.grid(padding=(0, 1))
    for finding in findings:
        table.add_row("   ", _MARKS[finding.severity], _plain(finding.message), f"[dim]{finding.code}[/]")
    if findings:
        console.print(table)


def _plain(text: str) -> str:
    """What a file says, without what a terminal would obey."""
    return escape("".join(character if character.isprintable() else " " for character in text))
