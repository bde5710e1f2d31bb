"""Every setting, and the only place that reads the environment."""

import os
import sys
from decimal import Decimal, InvalidOperation
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from django.core.exceptions import ImproperlyConfigured
from structlog.typing import Processor

from timbre.config.secret_key import load_or_create
from timbre.dte.rules import WARNINGS

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


def postgres(url: str) -> dict[str, object]:
    """The database of a URL. A host that says nothing is one out of reach, after five seconds."""
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
        "OPTIONS": {"connect_timeout": 5},
    }


DATABASES = {"default": postgres(DATABASE_URL) if DATABASE_URL else SQLITE}


def _secret_keys() -> list[str]:
    given = [key.strip() for key in os.environ.get("TIMBRE_SECRET_KEY", "").split(",") if key.strip()]
    if not given and DATABASE_URL:
        raise ImproperlyConfigured("PostgreSQL needs TIMBRE_SECRET_KEY, the same one on every host")
    return given


SECRET_KEYS = _secret_keys()
# A key nobody gave is made, and looked at again when it is rotated.
SECRET_KEY_FILE = None if SECRET_KEYS else DATA_DIR / "secret.key"
if SECRET_KEY_FILE:
    SECRET_KEYS = load_or_create(SECRET_KEY_FILE)
SECRET_KEY, SECRET_KEY_FALLBACKS = SECRET_KEYS[0], SECRET_KEYS[1:]

HOST = os.environ.get("TIMBRE_HOST", "127.0.0.1")
PORT = int(os.environ.get("TIMBRE_PORT", "8000"))
# 0.0.0.0 is where to listen, not an address a link can lead to.
_REACHED_AT = "127.0.0.1" if HOST in {"0.0.0.0", "::"} else HOST  # noqa: S104 - compared, not bound
BASE_URL = os.environ.get("TIMBRE_BASE_URL", f"http://{_REACHED_AT}:{PORT}").rstrip("/")
_THIS_HOST = {"localhost", "127.0.0.1", "::1"}
# Nobody elsewhere reaches it: who uses Timbre is who sits at this machine.
LOCAL = {HOST, urlsplit(BASE_URL).hostname} <= _THIS_HOST
SIMULATOR_URL = os.environ.get("TIMBRE_SIMULATOR_URL", "").rstrip("/")
PRODUCTION = os.environ.get("TIMBRE_PRODUCTION", "off").lower() in {"on", "1", "true", "yes"}


def _networks(text: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(each.strip(), strict=False) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"TIMBRE_WEBHOOK_ALLOW: {error}") from None


WEBHOOK_ALLOW = _networks(os.environ.get("TIMBRE_WEBHOOK_ALLOW", ""))
SIGNUP = os.environ.get("TIMBRE_SIGNUP", "on").lower() in {"on", "1", "true", "yes"}


def _rate_limit(text: str) -> int | None:
    """Requests a minute of one API key; None for as many as it likes."""
    if text.strip().lower() == "off":
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1_000_000):
        raise ImproperlyConfigured("TIMBRE_RATE_LIMIT must be requests a minute, 1 to 1000000, or off")
    return int(text)


RATE_LIMIT = _rate_limit(os.environ.get("TIMBRE_RATE_LIMIT", "3000"))
# Longer than a webhook's retries last; documents and their files are evidence, and never deleted.
KEEP_DELIVERIES_DAYS = max(7, int(os.environ.get("TIMBRE_KEEP_DELIVERIES_DAYS", "90")))
KEEP_AUDIT_DAYS = max(365, int(os.environ.get("TIMBRE_KEEP_AUDIT_DAYS", "730")))
WORKERS = int(os.environ.get("TIMBRE_WORKERS", str(os.cpu_count() or 1)))


def _uf(text: str) -> Decimal | None:
    """Pesos of one UF; None when nobody said."""
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = Decimal(0)
    if not (value.is_finite() and 1_000 <= value < 1_000_000):
        raise ImproperlyConfigured("TIMBRE_UF must be pesos with a decimal point, like 39485.65")
    return value


def _enforced_rules(text: str) -> frozenset[str]:
    codes = frozenset(code.strip() for code in text.split(",") if code.strip())
    if unknown := sorted(codes - WARNINGS):
        raise ImproperlyConfigured(
            f"TIMBRE_ENFORCE_RULES: {', '.join(unknown)} is no rule that warns; there are "
            f"{', '.join(sorted(WARNINGS))}"
        )
    return codes


UF = _uf(os.environ.get("TIMBRE_UF", ""))
ENFORCED_RULES = _enforced_rules(os.environ.get("TIMBRE_ENFORCE_RULES", ""))

METRICS_TOKEN = os.environ.get("TIMBRE_METRICS_TOKEN", "")
METRICS_DIR = DATA_DIR / "metrics"
"""Where each process of this host counts for itself; whoever is asked for /metrics adds them up."""
METRICS_DIR.mkdir(mode=0o700, exist_ok=True)
# The library looks for it when it is first imported, which is after this file.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)


def _log_level(name: str) -> int:
    levels = {"debug": 10, "info": 20, "warning": 30, "error": 40}
    if name.lower() not in levels:
        raise ImproperlyConfigured(f"TIMBRE_LOG_LEVEL must be one of {', '.join(levels)}")
    return levels[name.lower()]


LOG_LEVEL = _log_level(os.environ.get("TIMBRE_LOG_LEVEL", "info"))


def _email(url: str) -> dict[str, object]:
    """Without a server, messages are files in the data dir: an operator can read them, a log cannot."""
    if not url:
        backend = "timbre.accounts.outbox.PrivateFiles"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(DATA_DIR / "mail")}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("TIMBRE_EMAIL_URL must be smtp://user:pass@host:587 or smtps://…:465")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        # Signing in without encryption is never right; a relay on this very host needs neither.
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.hostname not in _THIS_HOST,
        "EMAIL_TIMEOUT": 10,
    }


globals().update(_email(os.environ.get("TIMBRE_EMAIL_URL", "")))
DEFAULT_FROM_EMAIL = os.environ.get("TIMBRE_EMAIL_FROM", "timbre@localhost")

DEBUG = False
ALLOWED_HOSTS = ["*"]
PROGRAMS = ("/v2/", "/api/", "/files/", "/healthz", "/readyz", "/metrics")
"""Where programs ask: errors in the API's envelope. All else is for people, and gets pages."""
ROOT_URLCONF = "timbre.config.urls"
APPEND_SLASH = False
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "timbre.work",
    "timbre.accounts",
    "timbre.taxpayers",
    "timbre.webhooks",
    "timbre.enrolling",
    "timbre.issuing",
    "timbre.platform",
]
MIDDLEWARE = [
    "timbre.api.access.AccessMiddleware",
    "timbre.api.requests.RequestMiddleware",
    "timbre.platform.middleware.ScreenMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "timbre.platform.frame.context",
            ]
        },
    }
]
FORM_RENDERER = "timbre.platform.forms.Renderer"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Static files come straight from the packages, under a name that changes with their content.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 365 * 24 * 3600

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ["email"]}),
    )
]
PASSWORD_RESET_TIMEOUT = 60 * 60
SESSION_ENGINE = "timbre.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_NAME = "timbre"
LOGIN_URL = "login"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "timbre_form"
CSRF_FAILURE_VIEW = "timbre.platform.errors.form_expired"
# A proxy that speaks TLS hands on plain HTTP: the browser's origin is the public address.
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# The API bounds bodies itself, so that the answer is its own 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = None

LANGUAGE_CODE = "es-cl"
USE_TZ = True
TIME_ZONE = "America/Santiago"
USE_I18N = True  # Django's own words, in Spanish

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)
structlog.configure(
    processors=[*_SHARED, _JSON],
    wrapper_class=structlog.make_filtering_bound_logger(LOG_LEVEL),
    logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _JSON],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # A 4xx is an answer, not news; the API logs what is unexpected itself, as JSON.
    # And the address of a form without its token may be a link that sets a password.
    "loggers": {name: {"level": "CRITICAL"} for name in ("django.request", "django.security.csrf")},
}
