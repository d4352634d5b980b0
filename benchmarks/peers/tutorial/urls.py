"""The measured part has no pages."""

urlpatterns: list[object] = []
