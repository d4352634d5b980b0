"""What operators see: counted in each process, once a frame or a batch, never once a delivery."""

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

_REGISTRY = CollectorRegistry()
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def _counter(name: str, documentation: str, *labels: str) -> Counter:
    return Counter(f"chat_{name}", documentation, labels, registry=_REGISTRY)


def _gauge(name: str, documentation: str) -> Gauge:
    return Gauge(f"chat_{name}", documentation, registry=_REGISTRY, multiprocess_mode="livesum")


def _histogram(name: str, documentation: str) -> Histogram:
    return Histogram(f"chat_{name}", documentation, buckets=_SECONDS, registry=_REGISTRY)


connections = _gauge("connections", "Tabs that are connected")
rooms = _gauge("rooms", "Rooms with somebody connected, counted in each process")
accepted = _counter("connections_accepted", "Tabs that were let in")
closes = _counter("closes", "Sockets that the server closed", "code")
posts = _counter("posts", "Posts that were stored")
refusals = _counter("refusals", "Commands answered with an error", "code")
changes = _counter("changes", "Changes handed out to the people of a process")
frames = _counter("frames", "Frames made for a room")
gathered = _counter("gathered_frames", "Frames made for a room that hold several changes")
deliveries = _counter("deliveries", "Changes times the connections that they were handed to")
syncs = _counter("syncs", "Questions of clients for what they missed")
resets = _counter("resets", "Clients told to load a room anew")
filled = _counter("changes_read_from_log", "Changes that the layer did not bring in time")
layer_faults = _counter("layer_faults", "Faults of the channel layer, each survived", "door")
layer_reconnects = _counter("layer_reconnects", "Times that the layer was entered again")
hints_dropped = _counter("layer_hints_dropped", "Hints not kept while the layer was away")
database_faults = _counter("database_faults", "Queries and batches that the database failed")
policy_violations = _counter("policy_violations", "Reports of what the browser kept from happening")
fanout_seconds = _histogram("fanout_seconds", "To hand what is gathered to a room's people here")
write_seconds = _histogram("write_seconds", "To check, store and commit a batch")
answer_seconds = _histogram("answer_seconds", "From a command that writes to its answer")


def text() -> bytes:
    """Of all processes of this `bin/serve`; started otherwise, of this one."""
    registry = _REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
