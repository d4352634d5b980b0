import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
http_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from chat import first_run, shutdown  # noqa: E402
from chat.routing import websocket_application  # noqa: E402
from chatsite import daphne_protocol  # noqa: E402

daphne_protocol.install()
first_run.announce()
application = ProtocolTypeRouter(
    {"http": shutdown.finishing(http_application), "websocket": websocket_application}
)
