"""Every address Timbre answers at."""

urlpatterns: list[object] = []
