from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import StringConverter

from chat.api import api
from chat.views import csp_reports, health, home, metrics, profile, room, rooms


class RoomSlugConverter(StringConverter):
    """Any script; but not what PostgreSQL refuses to look for."""

    regex = r"[^/\0]+"


register_converter(RoomSlugConverter, "room-slug")

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.show, name="metrics"),
    path("csp-reports", csp_reports.count, name="csp-reports"),
    path("", home.home, name="home"),
    path("first-run/<str:token>/", home.first_run_by_link, name="first-run"),
    path("accounts/profile/", profile.profile, name="profile"),
    path("rooms/", rooms.room_list, name="rooms"),
    path("rooms/new/", rooms.room_new, name="room-new"),
    path("rooms/<room-slug:slug>/", room.room_page, name="room"),
    path("rooms/<room-slug:slug>/at/<int:seq>/", room.room_page, name="room-at"),
    path("rooms/<room-slug:slug>/join/", rooms.room_join, name="room-join"),
    path("rooms/<room-slug:slug>/leave/", rooms.room_leave, name="room-leave"),
    path("rooms/<room-slug:slug>/settings/", rooms.room_settings, name="room-settings"),
    path("rooms/<room-slug:slug>/archive/", rooms.room_archive, name="room-archive"),
    path("rooms/<room-slug:slug>/let-in/", rooms.room_let_in, name="room-let-in"),
]
