"""The settings of the tutorial's project; REDIS_URL chooses the channel layer."""

import os

SECRET_KEY = "only for measuring on this machine"  # noqa: S105
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]

INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]

ROOT_URLCONF = "benchmarks.peers.tutorial.urls"
ASGI_APPLICATION = "benchmarks.peers.tutorial.asgi.application"

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}

if redis_url := os.environ.get("REDIS_URL"):
    CHANNEL_LAYERS: dict[str, object] = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            # The layer waits 5 s for a message; redis-py 8 by itself gives up at just that time,
            # which closes idle sockets.
            "CONFIG": {"hosts": [f"{redis_url}?socket_timeout=30"]},
        },
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
