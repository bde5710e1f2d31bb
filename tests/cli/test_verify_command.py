from pathlib import Path

from click.testing import CliRunner, Result

from factories import make_signed_dte
from timbre.cli.main import main


def run(*files: Path) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, files)])


def test_a_document_in_order_is_told_and_exits_0(tmp_path: Path) -> None:
    good = tmp_path / "good.xml"
    good.write_bytes(make_signed_dte())
    result = run(good)
    assert result.exit_code == 0
    told = " ".join(result.output.split())
    assert "en orden" in told
    assert "Factura Electrónica N° 1 de 77777777-7" in told


def test_a_changed_document_is_told_with_its_code_and_exits_1(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(make_signed_dte())
    bad.write_bytes(make_signed_dte().replace(b"<IVA>1135<", b"<IVA>9135<"))
    result = run(good, bad)
    assert result.exit_code == 1
    told = " ".join(result.output.split())
    assert "con errores" in told
    assert "digest" in told


def test_what_cannot_be_read_exits_2(tmp_path: Path) -> None:
    text = tmp_path / "[bold]texto.txt"
    text.write_bytes(b"\x1b[31mhola")
    for file in (text, tmp_path / "nothing.xml", tmp_path):
        result = run(file)
        assert result.exit_code == 2
        assert file.name in result.output.replace("\n", "")
        assert "\x1b" not in result.output
