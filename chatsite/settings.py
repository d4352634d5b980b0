"""One settings file; every difference between sites comes from the environment."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from chatsite import accounts, environment

BASE_DIR = Path(__file__).resolve().parent.parent


def _secret_key() -> str:
    """The given key; in development one that is made on the first start and kept beside the code.

    Raises ImproperlyConfigured without one in production: a guessable key signs anybody in.
    """
    if given := environment.text("SECRET_KEY"):
        return given
    if not DEBUG:
        raise ImproperlyConfigured(environment.HOW_TO_MAKE_A_KEY)
    path = BASE_DIR / ".secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := get_random_secret_key())
    return key


def _build() -> str:
    """Names what the page is made of: an open page of another build offers to be reloaded."""
    files = sorted(
        path
        for folder in (BASE_DIR / "templates", BASE_DIR / "chat" / "static")
        for path in folder.rglob("*")
        if path.is_file()
    )
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _database() -> dict[str, Any]:
    """Raises ImproperlyConfigured."""
    database = environment.database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        # FULL: with NORMAL a power cut takes back commits that were acknowledged.
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA temp_store=MEMORY;",
        }
        database["TEST"] = {"NAME": BASE_DIR / "var" / "test.sqlite3"}
    else:
        # Without `reconnect_timeout`, the pool pauses for up to minutes after a long outage.
        options["pool"] = {"max_size": 16, "min_size": 1, "reconnect_timeout": 2, "timeout": 3}
        options |= {"connect_timeout": 3, "keepalives_idle": 30, "tcp_user_timeout": 10_000}
        database["CONN_HEALTH_CHECKS"] = True
    return database


DEBUG = environment.flag("DEBUG", default=True)
SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = environment.secrets("SECRET_KEY_FALLBACKS")
PORT = environment.whole("PORT", default=8000, most=65_535)
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS")
if DEBUG and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = [".localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = environment.origins("CSRF_TRUSTED_ORIGINS")
TRUST_PROXY = environment.number_or_flag("TRUST_PROXY", default=False, most=9)
"""How many stand before the site, each of which adds to `X-Forwarded-For`."""
REDIS_URL = environment.redis_url("REDIS_URL")
BUILD = _build()
DATABASES = {"default": _database()}

METRICS_TOKEN = environment.text("METRICS_TOKEN")

CHAT_SIGNUP = environment.flag("CHAT_SIGNUP", default=True)
CHAT_SIGNUP_RATE = environment.decimal("CHAT_SIGNUP_RATE", default=300.0)
CHAT_POST_RATE = environment.decimal("CHAT_POST_RATE", default=5.0)
CHAT_SOCKETS_PER_ADDRESS = environment.whole("CHAT_SOCKETS_PER_ADDRESS", default=1_000, least=1)
CHAT_MAX_BODY = environment.whole("CHAT_MAX_BODY", default=10_000, least=1)

INSTALLED_APPS = [
    "daphne",
    "chat",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "servestatic",
    "csp",
]
MIDDLEWARE = [
    "chat.middleware.secure_cookies",
    "chat.middleware.for_this_site_alone",
    "chat.signed_out.tell_the_browser",
    "django.middleware.security.SecurityMiddleware",
    "chatsite.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chat.middleware.lasting_sessions",
    "django.middleware.locale.LocaleMiddleware",
    "chat.middleware.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]
# No form here is longer, and one is a hundred times as long in memory as it was on its way.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "chatsite.cache.SteadyRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Rates are counted in it: Django's 300 could be pushed out by as many requests.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }

AUTH_USER_MODEL = "chat.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
vars().update(environment.email("EMAIL_URL", "consolemail://"))
EMAIL_TIMEOUT = 10
SITE_SENDS_MAIL = DEBUG or environment.mail_reaches_people("EMAIL_URL")
"""Without it there are no addresses, and no reset by mail."""
if not SITE_SENDS_MAIL:
    # Whoever reads the log would become whoever asks for a new password.
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
vars().update(accounts.settings(sends_mail=SITE_SENDS_MAIL))
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "chat@localhost")

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATIC_LOCK = BASE_DIR / "var" / "collectstatic.lock"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "servestatic.storage.CompressedManifestStaticFilesStorage"
    },
}
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_USE_FINDERS = DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "chatsite.logs.LineFormatter"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["lines"], "level": "INFO"},
    "loggers": {
        # Each says every second what chat.fanout and chat.database say once.
        "channels_redis": {"level": "CRITICAL"},
        "psycopg.pool": {"level": "ERROR"},
        "django": {"handlers": [], "level": "INFO"},
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "worker-src": [SELF],
        "img-src": [SELF, "data:"],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
        # Those of `js/trusted.js`.
        "trusted-types": ["chat-message", "chat-worker"],
        # Not `report-to`: where it stands, browsers ignore this, and send nothing without HTTPS.
        "report-uri": ["/csp-reports"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {"camera": [], "geolocation": [], "microphone": []}
SECURE_REFERRER_POLICY = "same-origin"
# Told only where a request came over HTTPS: a site without it goes on without it.
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SILENCED_SYSTEM_CHECKS = [
    # Whatever else lies under the same name may have no HTTPS; it is not ours to speak for.
    "security.W005",
    "security.W021",
    # What ends TLS redirects to it; in an office's own net there may be none.
    "security.W008",
    # `secure_cookies` has both cookies secure wherever they are given out over HTTPS.
    "security.W012",
    "security.W016",
]
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "chat.session_store"
