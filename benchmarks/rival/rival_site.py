"""The rival's site: one service, one member of staff who works every day, an SQLite file.

Run in an environment of its own by gunicorn. Files that its pages load from other sites are served
from here, and its web font is left out: nobody else is asked, which is to its advantage.
"""

import os
import re
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path

HERE = Path(os.environ["RIVAL_FOLDER"])
_ELSEWHERE = re.compile(
    r"https://(?:cdn\.jsdelivr\.net/npm|cdnjs\.cloudflare\.com/ajax/libs|unpkg\.com)/"
)
_CHECKED = re.compile(r'\s(?:integrity|crossorigin|referrerpolicy)="[^"]*"')
_FONT = re.compile(r'<link href="https://fonts\.googleapis\.com[^>]*>')

settings.configure(
    SECRET_KEY="of a site that nobody else reaches",
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "appointment",
    ],
    MIDDLEWARE=[
        "django.middleware.gzip.GZipMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        f"{__name__}.from_here",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "site.sqlite"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    STATIC_URL="/static/",
    USE_TZ=True,
    TIME_ZONE="Europe/Copenhagen",
    LANGUAGES=[("en", "English")],
)
django.setup()

# Models and views can only be imported once it is set up.
from appointment.models import Service, StaffMember, WorkingHours  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.staticfiles.views import serve as static_file  # noqa: E402
from django.views.static import serve as file_of  # noqa: E402


def from_here(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let its pages load from this site what they load from others."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if response.get("Content-Type", "").startswith("text/html"):
            text = _ELSEWHERE.sub("/elsewhere/", response.content.decode())
            response.content = _FONT.sub("", _CHECKED.sub("", text)).encode()
        return response

    return middleware


def _made() -> None:
    """Make the tables, the service and its member of staff, once."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    if Service.objects.exists():
        return
    service = Service.objects.create(name="Interview", duration=timedelta(minutes=30), price=0)
    user = get_user_model().objects.create(
        username="organizer", first_name="An", last_name="Organizer"
    )
    staff = StaffMember.objects.create(
        user=user, slot_duration=30, work_on_saturday=True, work_on_sunday=True
    )
    staff.services_offered.add(service)
    for day in range(7):
        WorkingHours.objects.create(
            staff_member=staff, day_of_week=day, start_time=time(0, 0), end_time=time(23, 59)
        )


urlpatterns = [
    re_path(r"^static/(?P<path>.*)$", static_file, {"insecure": True}),
    re_path(r"^elsewhere/(?P<path>.*)$", file_of, {"document_root": HERE / "elsewhere"}),
    path("", include("appointment.urls")),
]
_made()
application = get_wsgi_application()
