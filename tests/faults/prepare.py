"""Makes this process an installation's own, before anything of Timbre is loaded."""

import os
import sys
from pathlib import Path

import django

from databases import SECRET_KEY

TESTS = Path(__file__).parents[1]


def prepare(data_dir: Path, database_url: str = "") -> None:
    """Its settings, and those of the processes it starts. Once in a process."""
    for name in [name for name in os.environ if name.startswith("TIMBRE_")]:
        del os.environ[name]
    os.environ["TIMBRE_DATA_DIR"] = str(data_dir)
    os.environ["TIMBRE_DATABASE_URL"] = database_url
    os.environ["TIMBRE_SECRET_KEY"] = SECRET_KEY
    os.environ["PYTHONPATH"] = os.pathsep.join([str(TESTS), *sys.path])
    os.environ["DJANGO_SETTINGS_MODULE"] = "timbre.config.settings"
    django.setup()
