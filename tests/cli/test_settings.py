"""A setting that cannot be read is told at the start, not when it is first needed."""

import subprocess
from pathlib import Path

from timbre.cli.installation import Installation
from timbre.cli.processes import start


def test_a_network_that_is_none_is_told_before_anything_starts(tmp_path: Path) -> None:
    wrong = Installation(data_dir=tmp_path, settings={"TIMBRE_WEBHOOK_ALLOW": "10.0.0.0/8,erp.example"})
    command = start(["migrate"], wrong.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, why = command.communicate(timeout=60)
    assert command.returncode
    assert "TIMBRE_WEBHOOK_ALLOW: 'erp.example'" in str(why)
