"""The site's own settings, over the other layer of channels_redis, which forgets its groups."""

from chatsite.settings import *  # noqa: F403

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "group_expiry": 1},  # noqa: F405
    }
}
