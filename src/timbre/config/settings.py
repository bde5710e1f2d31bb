"""Every setting, and the only place that reads the environment."""

import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from django.core.exceptions import ImproperlyConfigured

from timbre.config.secret_key import load_or_create

DATA_DIR = Path(os.environ.get("TIMBRE_DATA_DIR", "./data")).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DATABASE_URL = os.environ.get("TIMBRE_DATABASE_URL", "")
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": str(DATA_DIR / "timbre.sqlite3"),
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a saved intent to issue must survive a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000;",
    },
}


def _postgres(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("TIMBRE_DATABASE_URL must be postgres://user:pass@host:5432/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _postgres(DATABASE_URL) if DATABASE_URL else SQLITE}


def _secret_keys() -> list[str]:
    given = [key.strip() for key in os.environ.get("TIMBRE_SECRET_KEY", "").split(",") if key.strip()]
    if not given and DATABASE_URL:
        raise ImproperlyConfigured("PostgreSQL needs TIMBRE_SECRET_KEY, the same one on every host")
    return given or [load_or_create(DATA_DIR / "secret.key")]


SECRET_KEYS = _secret_keys()
SECRET_KEY, SECRET_KEY_FALLBACKS = SECRET_KEYS[0], SECRET_KEYS[1:]

HOST = os.environ.get("TIMBRE_HOST", "127.0.0.1")
PORT = int(os.environ.get("TIMBRE_PORT", "8000"))
# 0.0.0.0 is where to listen, not an address a link can lead to.
_REACHED_AT = "127.0.0.1" if HOST in {"0.0.0.0", "::"} else HOST  # noqa: S104 - compared, not bound
BASE_URL = os.environ.get("TIMBRE_BASE_URL", f"http://{_REACHED_AT}:{PORT}").rstrip("/")
SIMULATOR_URL = os.environ.get("TIMBRE_SIMULATOR_URL", "").rstrip("/")
PRODUCTION = os.environ.get("TIMBRE_PRODUCTION", "off").lower() in {"on", "1", "true", "yes"}
WEBHOOK_ALLOW = [n.strip() for n in os.environ.get("TIMBRE_WEBHOOK_ALLOW", "").split(",") if n.strip()]
WORKERS = int(os.environ.get("TIMBRE_WORKERS", str(os.cpu_count() or 1)))

DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "timbre.config.urls"
APPEND_SLASH = False
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "timbre.work",
    "timbre.accounts",
    "timbre.taxpayers",
    "timbre.webhooks",
    "timbre.enrolling",
    "timbre.issuing",
]
MIDDLEWARE = ["timbre.api.requests.RequestMiddleware"]
# The API bounds bodies itself, so that the answer is its own 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = None

LANGUAGE_CODE = "es-cl"
USE_TZ = True
TIME_ZONE = "America/Santiago"
USE_I18N = False

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
    logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # A 4xx is an answer, not news; the API logs what is unexpected itself, as JSON.
    "loggers": {"django.request": {"level": "CRITICAL"}},
}
