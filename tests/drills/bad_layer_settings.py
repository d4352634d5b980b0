"""The site's own settings, over a channel layer that cannot be relied on."""

from chatsite.settings import *  # noqa: F403

CHANNEL_LAYERS["default"]["BACKEND"] = "tests.drills.bad_layer.BadLayer"  # noqa: F405
