import gc

import django
from django.core.asgi import get_asgi_application

from chat import watchdog
from chatsite import start, static_files

start.read_settings()
django.setup()
watchdog.install()
# Before the application is made: its middleware looks at once what there is to serve.
static_files.collect_if_never_done()
http_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from chat import first_run, shutdown  # noqa: E402
from chat.routing import websocket_application  # noqa: E402
from chatsite import daphne_protocol, uvicorn_protocol  # noqa: E402
from chatsite.bodies import bounded_bodies  # noqa: E402
from chatsite.front_door import front_door  # noqa: E402
from chatsite.page_pace import paced  # noqa: E402

daphne_protocol.install()
uvicorn_protocol.install()
first_run.announce()
application = front_door(
    bounded_bodies(
        paced(
            ProtocolTypeRouter(
                {"http": shutdown.finishing(http_application), "websocket": websocket_application}
            )
        )
    )
)

# What is loaded by now stays: nobody is to wait while it is looked through for what is not needed.
gc.freeze()
