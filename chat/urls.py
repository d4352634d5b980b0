from django.urls import URLPattern, URLResolver, path

from chat.api import api
from chat.views import health, home, profile, room, rooms

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("healthz", health.healthz, name="healthz"),
    path("", home.home, name="home"),
    path("first-run/<str:token>/", home.first_run_by_link, name="first-run"),
    path("accounts/profile/", profile.profile, name="profile"),
    path("rooms/", rooms.room_list, name="rooms"),
    path("rooms/new/", rooms.room_new, name="room-new"),
    path("rooms/<str:slug>/", room.room_page, name="room"),
    path("rooms/<str:slug>/at/<int:seq>/", room.room_page, name="room-at"),
    path("rooms/<str:slug>/join/", rooms.room_join, name="room-join"),
    path("rooms/<str:slug>/leave/", rooms.room_leave, name="room-leave"),
    path("rooms/<str:slug>/settings/", rooms.room_settings, name="room-settings"),
    path("rooms/<str:slug>/archive/", rooms.room_archive, name="room-archive"),
]
